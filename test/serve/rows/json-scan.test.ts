import {isDeepStrictEqual} from 'node:util';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Excess, JsonBounds} from '../../../serve/rows/json-bounds.ts';
import {JsonScan} from '../../../serve/rows/json-scan.ts';

const wide: JsonBounds = {depth: 16, containers: 1e9, keys: 1e9, names: 1e9, commas: 1e9};

/** Reads bytes in steps. @returns the value; what there is too much of; or that it is no JSON. */
function scan(
  text: string | Buffer,
  bounds = wide,
  stepBytes = 64 * 1024,
): {value: unknown} | Excess | 'broken' {
  try {
    const scanned = new JsonScan(Buffer.from(text), bounds);
    for (let end = stepBytes; !scanned.isAtEnd; end += stepBytes) {
      const excess = scanned.advance(end);
      if (excess !== undefined) return excess;
    }
    return {value: scanned.finish()};
  } catch (error) {
    if (error instanceof SyntaxError) return 'broken';
    throw error;
  }
}

/** What JSON.parse makes of all of it, less a byte order mark. */
function parse(text: string): {value: unknown} | 'broken' {
  try {
    return {value: JSON.parse(new TextDecoder().decode(Buffer.from(text)))};
  } catch {
    return 'broken';
  }
}

const rows = (count: number) => Array.from({length: count}, (_, i) => [i, -0.5, 1e-7 * i]);
const longLists = [
  {features: rows(20_000)},
  {instances: rows(5_000).map(([a, b, c]) => ({a, b, c, 'ä,"]': null}))},
  {
    inputs: [
      {name: 'x', shape: [9], data: rows(9_000).flat()},
      {name: 'y', data: rows(9_000)},
    ],
    id: 'é☃',
  },
  {dataframe_split: {columns: ['a', ','], data: rows(9_000), index: rows(9_000).map(([i]) => i)}},
  {inputs: {a: rows(3_000).flat(), b: rows(3_000).map(() => '"\\]}[{,'), c: []}},
  Object.fromEntries(Array.from({length: 500}, (_, i) => [`k${i}`, rows(20)])),
  rows(300).map(() => rows(100).flat()),
  [[[[rows(9_000)]]], rows(9_000)],
];

describe('a scan of JSON', () => {
  test.each(longLists)('reads what JSON.parse reads from long lists (%#)', value => {
    const text = JSON.stringify(value);
    expect(text.length).toBeGreaterThan(100_000);
    expect(scan(text)).toEqual({value});
    expect(scan(JSON.stringify(value, null, 2), wide, 1_000)).toEqual({value});
  });

  test('takes the last of repeated keys, and "__proto__" for a key like any other', () => {
    const long = JSON.stringify(rows(9_000));
    for (const text of [`{"a":${long},"a":[1]}`, `{"a":[1],"a":${long}}`, `{"__proto__":${long}}`]) {
      expect(scan(text)).toEqual({value: JSON.parse(text)});
    }
    const {value} = scan(`{"__proto__":${long}}`) as {value: object};
    expect(Object.keys(value)).toEqual(['__proto__']);
  });

  const places = [
    ',',
    ',,',
    '[',
    ']',
    '}',
    '{',
    ':',
    '"',
    '\\',
    ' ',
    '1',
    '-',
    'null',
    '\ufeff',
    'é',
    '\0',
    '],[',
    '},{',
  ];

  test('reads long lists with a fault anywhere as JSON.parse does, which is the oracle', () => {
    const texts = longLists.map(value => JSON.stringify(value));
    const property = fc.property(
      fc.nat(texts.length - 1),
      fc.double({min: 0, max: 1, noNaN: true}),
      fc.constantFrom(...places),
      fc.nat(2),
      (n, part, insert, dropped) => {
        const text = texts[n] ?? '';
        const at = Math.floor(part * text.length);
        const damaged = text.slice(0, at) + insert + text.slice(at + dropped);
        const found = scan(damaged);
        // A quote may make a long text of the rest.
        expect(isDeepStrictEqual(found === 'text' ? 'broken' : found, parse(damaged))).toBe(true);
      },
    );
    fc.assert(property, {numRuns: process.env.CI ? 1_000 : 100});
  });

  // Where lists are cut the pieces have lost their neighbours: commas there are the ones that could go unseen.
  test.each(['[,', ',]', ',,', '[1,]', '[,1]'])('misses no %s at the places where lists are cut', fault => {
    const numbers = Array.from({length: 40_000}, (_, i) => i).join();
    for (const [start, end] of [
      ['[', ']'],
      ['{"a":[', ']}'],
      ['[[', '],[1]]'],
    ] as const) {
      for (const cut of [0, 65_536, 65_537, numbers.length]) {
        const at = numbers.indexOf(',', cut) === -1 ? numbers.length : numbers.indexOf(',', cut);
        const text = start + numbers.slice(0, at) + fault + numbers.slice(at) + end;
        expect(isDeepStrictEqual(scan(text), parse(text))).toBe(true);
      }
    }
    const text = `[${numbers}${fault.includes(',') ? ',' : ''}]`;
    expect(scan(text)).toBe('broken');
  });

  test('reads any small JSON, and any text that is none, as JSON.parse does', () => {
    const text = fc.oneof(
      fc.json(),
      fc.string({unit: fc.constantFrom(...'[]{},:"\\ 1ae\n'), maxLength: 20}),
      fc.tuple(fc.json(), fc.nat(), fc.constantFrom(...places)).map(([json, n, insert]) => {
        const at = n % (json.length + 1);
        return json.slice(0, at) + insert + json.slice(at);
      }),
    );
    const property = fc.property(text, json => {
      const found = scan(json);
      if (found !== 'depth') expect(found).toEqual(parse(json));
    });
    fc.assert(property, {numRuns: process.env.CI ? 20_000 : 2_000});
  });

  test.each<[string, string, Excess]>([
    ['lists in one another', '['.repeat(9), 'depth'],
    ['objects in one another', '{"a":'.repeat(9), 'depth'],
    ['lists', `[${'[],'.repeat(10)}[]]`, 'values'],
    ['numbers', `[${'1,'.repeat(31)}1]`, 'values'],
    ['keys of an object', `{${'"a":1,'.repeat(9)}"a":1}`, 'keys'],
    ['different keys', `[${'abcde'.replace(/./g, '{"$&":1,"$&$&":1},')}]`, 'keys'],
    ['keys', `[${'{"a":1,"b":2},'.repeat(6)}{}]`, 'values'],
    ['bytes in a text', JSON.stringify('é'.repeat(40_000)), 'text'],
  ])('stops at too many %s', (_, text, excess) => {
    const bounds = {depth: 8, containers: 10, keys: 10, names: 9, commas: 30};
    expect(scan(text, bounds)).toBe(excess);
    // Not before, and not where they are in a text.
    expect(scan(JSON.stringify(text.slice(0, 1_000)), bounds)).toEqual({value: text.slice(0, 1_000)});
  });
});
