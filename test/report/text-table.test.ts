import {styleText} from 'node:util';
import {expect, test} from 'vitest';
import {padCells} from '../../pipeline/report/text-table.ts';

/** The lines of a table of names, values and notes. */
function layOut(...rows: string[][]): string[] {
  const columns = [{align: 'left'}, {align: 'right'}, {align: 'left'}] as const;
  return padCells(columns, rows).map(cells => cells.join('|'));
}

test('pads the cells of a column to one width', () => {
  expect(layOut(['a', '1', ''], ['longer', '-10.5', 'x'])).toEqual(['a     |    1| ', 'longer|-10.5|x']);
});

// Unicode Standard Annex 11: wide and full-width characters take two columns; combining ones take none
test('counts wide characters twice, and those that combine not at all', () => {
  expect(
    layOut(
      ['長さ', '1', 'wide'],
      ['ｗｉｄｅ', '2', 'full'],
      ['é', '3', 'one '],
      ['e\u0301', '4', 'both'],
      ['👩‍🔬', '5', 'join'],
    ),
  ).toEqual([
    '長さ    |1|wide',
    'ｗｉｄｅ|2|full',
    'é       |3|one ',
    'e\u0301       |4|both',
    '👩‍🔬      |5|join',
  ]);
});

test('gives colours no room', () => {
  const red = styleText('red', 'a', {validateStream: false});
  expect(red).not.toBe('a');
  expect(layOut([red, '1', 'x'], ['name', '2', 'y'])).toEqual([`${red}   |1|x`, 'name|2|y']);
});
