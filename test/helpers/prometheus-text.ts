import parsePrometheusTextFormat from 'parse-prometheus-text-format';

type Sample = {labels: Record<string, string>; value: number};

/** What a scrape found. */
export type Scrape = {
  /** The type of each family, in lower case. */
  types: Map<string, string>;
  /** The samples by name, suffixes such as `_bucket` included. */
  samples: Map<string, Sample[]>;
  /** The one value with these labels; NaN where there is none, or more than one. */
  read: (name: string, labels?: Record<string, string>) => number;
};

/** Reads Prometheus' text format. */
export function parseScrape(text: string): Scrape {
  const families = parsePrometheusTextFormat(text);
  // The parser would merge the histograms of all routes into one: read as untyped, their samples stay apart.
  const plain = parsePrometheusTextFormat(
    text.replace(/^(# TYPE \S+) (?:histogram|summary)$/gm, '$1 untyped'),
  );
  const samples = new Map<string, Sample[]>();
  for (const {name, metrics} of plain) {
    const found = metrics.map(({labels = {}, value}) => ({labels, value: readValue(value)}));
    if (found.length > 0) samples.set(name, [...(samples.get(name) ?? []), ...found]);
  }
  return {
    types: new Map(families.map(({name, type}) => [name, type.toLowerCase()])),
    samples,
    read(name, labels = {}) {
      const found = (samples.get(name) ?? []).filter(sample =>
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      );
      return found.length === 1 && found[0] !== undefined ? found[0].value : Number.NaN;
    },
  };
}

function readValue(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}
