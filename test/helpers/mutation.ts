import fc from 'fast-check';

export type Json = null | boolean | number | string | Json[] | {[key: string]: Json};

/** One change of a value of JSON, at the place that `where` counts to. */
type Edit = {where: number; kind: 'replace' | 'remove' | 'insert' | 'double'; key: string; value: Json};

/** Keys that servers stumble over. */
const oddKeys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', ''];

/**
 * Values near to a given one: it with up to four places replaced, removed, inserted or doubled.
 *
 * @param numbers that may get in.
 * @param texts that may get in, as values or as keys.
 */
export function nearTo(
  original: Json,
  numbers: fc.Arbitrary<number>,
  texts: fc.Arbitrary<string> = fc.string({maxLength: 8}),
): fc.Arbitrary<Json> {
  const value = fc.oneof(
    numbers,
    fc.constantFrom<Json>(null, true, false, '', '1', 'NaN', [], {}, [[]], [null], [1], [[1]], {
      interval: 0.5,
    }),
    fc.constantFrom<Json>(0, -0, 1, 2, -1, 0.95, 1.5, 0.99999),
    texts,
    fc.jsonValue({maxDepth: 2}) as fc.Arbitrary<Json>,
  );
  const edit = fc.record<Edit>({
    where: fc.nat({max: 1_000}),
    kind: fc.constantFrom('replace', 'remove', 'insert', 'double'),
    key: fc.oneof(fc.constantFrom(...oddKeys), texts),
    value,
  });
  return fc.array(edit, {minLength: 1, maxLength: 4}).map(edits => edits.reduce(applyEdit, original));
}

/** Values of the same shape with other numbers in it, but for those that are no values of features. */
export function withNumbers(original: Json, numbers: fc.Arbitrary<number>): fc.Arbitrary<Json> {
  if (typeof original === 'number') return numbers;
  if (typeof original !== 'object' || original === null) return fc.constant(original);
  if (Array.isArray(original)) return fc.tuple(...original.map(item => withNumbers(item, numbers)));
  const members = Object.entries(original).map(([key, member]) => {
    const isFixed = key === 'shape' || key === 'index' || key === 'interval';
    return fc.tuple(fc.constant(key), isFixed ? fc.constant(member) : withNumbers(member, numbers));
  });
  return fc.tuple(...members).map(entries => Object.fromEntries(entries));
}

/** Texts near to a given one: up to three places of it overwritten by others, or cut. */
export function nearToText(original: string, texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const splice = fc.record({at: fc.nat({max: 10_000}), length: fc.nat({max: 8}), text: texts});
  return fc.array(splice, {maxLength: 3}).map(splices =>
    splices.reduce((result, {at, length, text}) => {
      const start = at % (result.length + 1);
      return result.slice(0, start) + text + result.slice(start + length);
    }, original),
  );
}

function applyEdit(root: Json, {where, kind, key, value}: Edit): Json {
  const places = listPlaces(root);
  const place = places[where % places.length];
  return place === undefined ? value : rebuild(root, place, kind, key, value);
}

/** The way to each value inside another, itself included. */
function listPlaces(value: Json): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  const members: [string | number, Json][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return [[], ...members.flatMap(([key, member]) => listPlaces(member).map(rest => [key, ...rest]))];
}

function rebuild(
  at: Json,
  [step, ...rest]: (string | number)[],
  kind: Edit['kind'],
  key: string,
  value: Json,
): Json {
  if (step === undefined) {
    if (kind !== 'insert' && kind !== 'double') return value;
    if (Array.isArray(at)) return kind === 'insert' ? [...at, value] : [...at, ...at];
    if (typeof at === 'object' && at !== null) return withMember(at, key, value);
    return value;
  }
  if (Array.isArray(at)) {
    if (kind === 'remove' && rest.length === 0) return at.filter((_, i) => i !== step);
    return at.map((item, i) => (i === step ? rebuild(item, rest, kind, key, value) : item));
  }
  if (typeof at !== 'object' || at === null) return at;
  const entries = Object.entries(at).flatMap(([name, member]): [string, Json][] => {
    if (name !== step) return [[name, member]];
    if (kind === 'remove' && rest.length === 0) return [];
    return [[name, rebuild(member, rest, kind, key, value)]];
  });
  return Object.fromEntries(entries);
}

/** Also for `__proto__`, which an assignment would not make a member. */
function withMember(at: {[key: string]: Json}, key: string, value: Json): Json {
  return Object.fromEntries([...Object.entries(at), [key, value]]);
}
