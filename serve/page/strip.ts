/** The training range begins and ends here on a strip, in percent; beyond is room for values outside. */
const [rangeStart, rangeEnd] = [10, 90];
/** Farther outside than this, a value is shown at the edge. */
const [edgeStart, edgeEnd] = [3, 97];

type Range = {min: number; max: number};

/** Finds the place of a value on the strip of its feature, in percent from the left. */
export function placeOnStrip(value: number, {min, max}: Range): number {
  const share = max > min ? (value - min) / (max - min) : 0.5;
  const place = rangeStart + share * (rangeEnd - rangeStart);
  return Number(Math.min(edgeEnd, Math.max(edgeStart, place)).toFixed(2));
}

/** Reads the value at a place of the strip, rounded to the step: the inverse of `placeOnStrip`. */
export function readFromStrip(place: number, {min, max}: Range): number {
  const share = (Math.min(edgeEnd, Math.max(edgeStart, place)) - rangeStart) / (rangeEnd - rangeStart);
  const step = chooseStep({min, max});
  return Number((Math.round((min + share * (max - min)) / step) * step).toPrecision(12));
}

/** Chooses the power of ten that divides the range into at least 20 steps. */
export function chooseStep({min, max}: Range): number {
  const width = max - min;
  return width > 0 && Number.isFinite(width) ? Number(`1e${Math.floor(Math.log10(width / 20))}`) : 1;
}

/** Finds the side of the training range that a value is on, if any. */
export function findSide(value: number, {min, max}: Range): 'below' | 'above' | undefined {
  return value < min ? 'below' : value > max ? 'above' : undefined;
}
