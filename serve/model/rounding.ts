import type {Artifact} from '../artifact/artifact.ts';

/** The spread of a feature's values in training. */
type Spread = Pick<Artifact['features'][number], 'scale' | 'min' | 'max'>;

/**
 * Rounds a value of a feature for people to read and to start from. It keeps three digits of the feature's standard
 * deviation, whatever digits stand before them: 2007.7889 becomes 2007.79 where years differ by 1.3. So a prediction
 * moves by at most half a percent of what one standard deviation moves it.
 *
 * @returns the value itself where the rounded one is outside the training range.
 */
export function roundBySpread(value: number, {scale, min, max}: Spread): number {
  const digits = Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(scale)) + 3;
  // a double has 15 digits that can be relied on; no digits at all are a value that is negligible against the spread
  const rounded = digits < 1 ? 0 : digits <= 15 ? Number(value.toPrecision(digits)) : value;
  return rounded >= min && rounded <= max ? rounded : value;
}
