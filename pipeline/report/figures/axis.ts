import {formatNumber} from '../number-text.ts';
import {d3} from './plot-library.ts';

/** An axis with what it spans and where its words stand. */
export interface Axis {
  label: string | null;
  domain: [number, number];
  ticks: {place: number; text: string}[];
}

/** Numbers that take more room than this are written with powers of ten where that is shorter. */
const maxPlainPx = 62;

/** Finds an axis on which all values have room, however large, small or equal they are. */
export function chooseAxis(label: string, values: Iterable<number>): Axis {
  let [low = 0, high = 1] = d3.extent(values);
  if (!Number.isFinite(high - low)) [low, high] = [0, 1];
  // where nothing varies there is still a scale to be seen
  const margin = high > low ? (high - low) / 25 : Math.abs(high) / 10 || 1;
  const domain: [number, number] = [low - margin, high + margin];
  return {label, domain, ticks: writeTicks(d3.ticks(...domain, 5))};
}

/** Gives an axis of numbers as many ticks as have room beside each other. */
export function fitTicks(axis: Axis, roomPx: number): Axis {
  let {ticks} = axis;
  const isTooWide = () => ticks.length * (measureTexts(ticks.map(({text}) => text)) + 14) > roomPx;
  for (let count = 4; count > 0 && isTooWide(); count--) ticks = writeTicks(d3.ticks(...axis.domain, count));
  return {...axis, ticks};
}

/** Makes an axis of names, the first at 0 and the next at 1. */
export function listNames(names: readonly string[]): Axis {
  const ticks = names.map((name, place) => ({place, text: shortenName(name)}));
  return {label: null, domain: [names.length - 0.5, -0.5], ticks};
}

/** A name cut to what an axis has room for. */
export function shortenName(name: string, maxCharacters = 22): string {
  const characters = [...name];
  return characters.length <= maxCharacters ? name : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}

/** The room that the longest of these texts takes, in px at the plots' font size, roughly. */
export function measureTexts(texts: readonly string[]): number {
  return Math.ceil(Math.max(0, ...texts.map(text => [...text].length)) * 6.8);
}

/** Writes all ticks of an axis in one notation: with powers of ten only where they would be long otherwise. */
function writeTicks(places: number[]): Axis['ticks'] {
  const plain = places.map(place => formatNumber(place, 15));
  const short = places.map(place => (place === 0 ? '0' : place.toExponential().replace('e+', 'e')));
  const texts = measureTexts(plain) > maxPlainPx && measureTexts(short) < measureTexts(plain) ? short : plain;
  return places.map((place, i) => ({place, text: (texts[i] ?? '').replaceAll('-', '−')}));
}
