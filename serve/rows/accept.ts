import {parseAccept} from 'hono/utils/accept';

/**
 * Chooses the media type of an answer by the request's `Accept` (RFC 9110, 12.5.1): the highest quality, then the
 * one that is named most precisely, then the one offered first. Where none is acceptable, or nothing was said, it
 * is the first: an answer in another format helps more than a refusal.
 */
export function chooseType<Type extends string>(
  accept: string | null | undefined,
  offered: readonly [Type, ...Type[]],
): Type {
  const ranges = accept == null ? [] : parseAccept(accept);
  let chosen = {type: offered[0], quality: 0, precision: 0};
  for (const type of offered) {
    const {quality, precision} = rate(type, ranges);
    const isBetter =
      quality > chosen.quality || (quality === chosen.quality && precision > chosen.precision && quality > 0);
    if (isBetter) chosen = {type, quality, precision};
  }
  return chosen.type;
}

/** The quality of a media type is that of the most precise range with it. */
function rate(
  type: string,
  ranges: readonly {type: string; q: number}[],
): {quality: number; precision: number} {
  const levels = [type, `${type.split('/')[0]}/*`, '*/*'];
  for (const [i, level] of levels.entries()) {
    const range = ranges.find(candidate => candidate.type.toLowerCase() === level);
    if (range !== undefined) return {quality: range.q, precision: levels.length - i};
  }
  return {quality: 0, precision: 0};
}
