/** The part that tests use; the package brings no types. */
declare module 'parse-prometheus-text-format' {
  interface Family {
    name: string;
    help: string;
    type: string;
    metrics: {value: string; labels?: Record<string, string>}[];
  }

  // biome-ignore lint/style/noDefaultExport: this is how the package exports it
  export default function parsePrometheusTextFormat(text: string): Family[];
}
