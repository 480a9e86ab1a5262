import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {Descriptor} from '../../pipeline/core/descriptor.ts';
import {type InferOptions, inferDescriptor} from '../../pipeline/io/infer-descriptor.ts';
import {readTable} from '../../pipeline/io/rows.ts';
import {failureText} from '../helpers/failure-text.ts';
import {makeFolder} from '../helpers/folder.ts';

const folder = makeFolder();

async function infer(content: string, options: Partial<InferOptions>): Promise<Descriptor> {
  const path = join(folder, 'houses.csv');
  await writeFile(path, content);
  const defaults = {source: {file: 'data/Houses of Köln.csv'}, targets: ['price']};
  return inferDescriptor({path, shownAs: 'houses.csv'}, {...defaults, ...options});
}

const houses = 'area;rooms;town;price\n50;2;Bonn;100\nn/a;3;Ulm;120\n70;?;Köln;140\n';

test('every other numeric column is a feature, also one with a stray text', async () => {
  expect(await infer(houses, {})).toEqual({
    name: 'houses-of-koln',
    source: {file: 'data/Houses of Köln.csv'},
    format: {type: 'csv', header: true, missing: [], delimiter: ';'},
    columns: [
      {name: 'area', type: 'number'},
      {name: 'rooms', type: 'number'},
      {name: 'price', type: 'number'},
    ],
    features: ['area', 'rooms'],
    targets: ['price'],
    split: {testSize: 0.2, seed: 42},
    gate: {rules: []},
  });
});

test('features, several targets, the name and the marks of missing cells can be given', async () => {
  const given = {targets: ['price', 'rooms'], features: ['area'], name: 'homes', missing: ['?', 'n/a']};
  const {name, format, features, targets} = await infer(houses, given);
  expect({name, missing: format.missing, features, targets}).toEqual({
    name: 'homes',
    missing: ['?', 'n/a'],
    features: ['area'],
    targets: ['price', 'rooms'],
  });
});

test('a column of marks for missing cells and few numbers is a feature', async () => {
  const {features} = await infer('a,price\n?,1\n?,2\n3,4\n', {missing: ['?']});
  expect(features).toEqual(['a']);
});

test('a column of texts that is named as a feature is one, and its cells are refused', async () => {
  const path = join(folder, 'houses.csv');
  await writeFile(path, 'town,price\nBonn,1\nUlm,2\nAu,3\nHof,4\n');
  const file = {path, shownAs: 'houses.csv'};
  const descriptor = await inferDescriptor(file, {
    source: {file: path},
    targets: ['price'],
    features: ['town'],
  });
  expect(await failureText(readTable(file, descriptor, {dropMissing: false}))).toMatchInlineSnapshot(`
    "data DATA_BAD_ROWS
    houses.csv: 4 problems:
      houses.csv:2 "town": expected a number, found "Bonn"
      houses.csv:3 "town": expected a number, found "Ulm"
      houses.csv:4 "town": expected a number, found "Au"
      houses.csv:5 "town": expected a number, found "Hof"
    Fix: Fix the cells, or do not use a column of texts as a feature or target."
  `);
});

test.each([
  [{url: 'https://example.org/data/Wine%20Quality.csv?raw=1'}, 'wine-quality'],
  [{url: 'https://example.org/%ZZ'}, 'zz'],
  [{url: 'https://example.org/'}, 'dataset'],
  [{file: '../x/iris.data'}, 'iris'],
  [{file: 'C:\\data\\a.b.parquet'}, 'a-b'],
  [{file: 'numbers.csv.gz'}, 'numbers'],
  [{file: '数据.csv'}, 'dataset'],
])('the name comes from %j', async (source, name) => {
  expect((await infer(houses, {source})).name).toBe(name);
});

test('unknown columns get the nearest name', async () => {
  const given = {targets: ['prize'], features: ['aera', 'garden']};
  expect(await failureText(infer(houses, given))).toMatchInlineSnapshot(`
    "usage COLUMN_UNKNOWN
    houses.csv has the columns "area", "rooms", "town", "price":
      --target "prize": no such column. Did you mean "price"?
      --features "aera": no such column. Did you mean "area"?
      --features "garden": no such column.
    Fix: Name columns of the file."
  `);
});

test('a target among the features is refused', async () => {
  expect(await failureText(infer(houses, {features: ['area', 'price']}))).toMatchInlineSnapshot(`
    "usage TARGET_AMONG_FEATURES
    "price": named by --target and by --features; a target cannot predict itself
    Fix: Take it out of one of the two."
  `);
});

test('a file without any other numeric column is refused', async () => {
  expect(await failureText(infer('town,price\nBonn,1\nUlm,2\n', {}))).toMatchInlineSnapshot(`
    "data DATA_NO_FEATURES
    houses.csv: expected a numeric column besides the target, found "town", "price"
    Fix: Name the columns to learn from: --features a,b,c"
  `);
});

test('a file without a header row is refused', async () => {
  expect(await failureText(infer('50,100\n60,120\n', {}))).toMatchInlineSnapshot(`
    "data DATA_HEADER
    houses.csv: expected column names in the first row, found only numbers: "50", "100"
    Fix: Put a row with the column names first, or write a descriptor with "header": false under "format" and run with --dataset FILE."
  `);
});

test('a name that no folder or image may have is refused', async () => {
  expect(await failureText(infer(houses, {name: 'My Houses'}))).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    the options for houses.csv: 1 problem:
      name: expected a name of lower-case letters and digits, with single . _ or - between them, found "My Houses"
    Fix: Correct --name, --target or --features."
  `);
});
