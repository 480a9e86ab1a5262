import {styleText} from 'node:util';
import {expect, test} from 'vitest';
import {layOutTable} from '../../pipeline/report/text-table.ts';

const header = [
  {name: 'name', align: 'left'},
  {name: 'value', align: 'right'},
  {name: 'note', align: 'left'},
] as const;

test('aligns columns, and leaves no blanks at the ends of lines', () => {
  expect(
    layOutTable(header, [
      ['a', '1', ''],
      ['longer', '-10.5', 'x'],
    ]),
  ).toEqual(['name    value  note', 'a           1', 'longer  -10.5  x']);
});

// Unicode Standard Annex 11: wide and full-width characters take two columns; combining ones take none
test('counts wide characters twice, and those that combine not at all', () => {
  expect(
    layOutTable(header, [
      ['長さ', '1', 'wide'],
      ['ｗｉｄｅ', '2', 'full-width'],
      ['é', '3', 'one'],
      ['e\u0301', '4', 'combined'],
      ['👩‍🔬', '5', 'joined'],
    ]),
  ).toEqual([
    'name      value  note',
    '長さ          1  wide',
    'ｗｉｄｅ      2  full-width',
    'é             3  one',
    'e\u0301             4  combined',
    '👩‍🔬            5  joined',
  ]);
});

test('colours take no room', () => {
  const red = styleText('red', 'a', {validateStream: false});
  expect(red).not.toBe('a');
  expect(layOutTable(header, [[red, '1', 'x']])).toEqual(['name  value  note', `${red}         1  x`]);
});
