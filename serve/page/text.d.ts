/** A script or stylesheet as the minified text that a browser gets; see pipeline/io/artifacts/browser-text.ts. */
declare module '*?text' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: esbuild's text loader gives the text as the default export
  export default text;
}
