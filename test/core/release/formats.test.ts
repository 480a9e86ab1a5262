import {describe, expect, test} from 'vitest';
import * as z from 'zod';
import {type Format, readVersioned, writeVersioned} from '../../../pipeline/core/release/formats.ts';

/** A file about a walk, whose length was first in feet, then in metres, and now has a name beside it. */
const walks: Format<{name: string; metres: number}> = {
  schema: z.strictObject({name: z.string(), metres: z.number()}),
  upgrades: [
    old => ({metres: z.strictObject({feet: z.number()}).parse(old).feet * 0.3048}),
    old => ({...z.strictObject({metres: z.number()}).parse(old), name: 'unnamed'}),
  ],
};

describe('a format', () => {
  test('writes its newest version, the version first', () => {
    expect(writeVersioned({name: 'Rhine', metres: 100}, walks)).toBe(
      '{\n  "formatVersion": 2,\n  "name": "Rhine",\n  "metres": 100\n}\n',
    );
  });

  test.each([
    {version: 'no version', text: '{"feet": 1000}', value: {name: 'unnamed', metres: 304.8}},
    {version: 1, text: '{"formatVersion": 1, "metres": 5}', value: {name: 'unnamed', metres: 5}},
    {
      version: 2,
      text: '{"formatVersion": 2, "metres": 5, "name": "Spree"}',
      value: {name: 'Spree', metres: 5},
    },
  ])('reads $version into the newest type', ({text, value}) => {
    expect(readVersioned(text, walks)).toEqual({status: 'read', value});
  });

  test('reads what it writes', () => {
    const value = {name: 'Elbe', metres: 0.1};
    expect(readVersioned(writeVersioned(value, walks), walks)).toEqual({status: 'read', value});
  });

  test('tells a newer version from a broken file', () => {
    expect(readVersioned('{"formatVersion": 3, "kilometres": 1}', walks)).toEqual({
      status: 'newer',
      reason: 'its format is 3, and this release of csv-to-server reads formats up to 2',
    });
  });

  test.each([
    {text: '{"metres"', reason: /^no JSON: .+ at position 9/},
    {text: '[]', reason: /^expected an object$/},
    {text: 'null', reason: /^expected an object$/},
    {text: '{"formatVersion": "2"}', reason: /^at "formatVersion": expected a finite number$/},
    {text: '{"formatVersion": 0}', reason: /^at "formatVersion": expected more than 0$/},
    {text: '{"formatVersion": 2, "name": "Rhine"}', reason: /^at "metres": expected a finite number$/},
    {text: '{"feet": "5"}', reason: /^at "feet": expected a finite number$/},
  ])('says what is wrong with $text', ({text, reason}) => {
    expect(readVersioned(text, walks)).toEqual({status: 'malformed', reason: expect.stringMatching(reason)});
  });
});
