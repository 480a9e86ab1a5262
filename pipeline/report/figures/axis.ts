/** An axis of numbers: what it spans and how its ticks are written. */
export interface Axis {
  domain: [number, number];
  tickFormat: (value: number) => string;
  /** Room that the longest tick label takes, in px at the plots' font size. */
  labelPx: number;
}

const pxPerCharacter = 7;

/** Finds an axis on which all values have room, however large, small or equal they are. */
export function chooseAxis(values: Iterable<number>, {padding = 0.04} = {}): Axis {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!Number.isFinite(high - low)) [low, high] = [0, 1];
  // where nothing varies there is still a scale to be seen
  const margin = high > low ? (high - low) * padding : Math.abs(high) / 10 || 1;
  const domain: [number, number] = [low - margin, high + margin];
  const tickFormat = createTickFormat(domain);
  const labelPx = Math.max(...domain.map(bound => tickFormat(bound).length)) * pxPerCharacter;
  return {domain, tickFormat, labelPx};
}

/** The power of ten, or 2 or 5 times it, nearest to a `count`-th of the span. */
export function chooseStep(span: number, count: number): number {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].reduce((best, candidate) =>
    Math.abs(Math.log(rough / power / candidate)) < Math.abs(Math.log(rough / power / best))
      ? candidate
      : best,
  );
  return factor * power;
}

/** Writes as many digits as tell the ticks of a domain apart. */
function createTickFormat([low, high]: [number, number]): (value: number) => string {
  const step = 10 ** Math.floor(Math.log10((high - low) / 8));
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const digits = Math.min(15, Math.max(1, Math.ceil(Math.log10(largest / step)) + 1));
  const decimals = Math.max(0, -Math.floor(Math.log10(step)));
  const isPlain = (largest < 1e6 && step >= 1e-4) || (digits > 6 && largest < 1e12 && decimals < 9);
  return value => {
    if (isPlain) return replaceMinus(String(Number(value.toFixed(decimals))));
    // a tick at 0 is computed, and may be off by a rounding
    if (Math.abs(value) < step / 1e3) return '0';
    return replaceMinus(Number(value.toPrecision(digits)).toExponential().replace('e+', 'e'));
  };
}

function replaceMinus(text: string): string {
  return text.replaceAll('-', '−');
}
