import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {Descriptor} from '../../../pipeline/core/dataset/descriptor.ts';
import {readTable} from '../../../pipeline/io/data/duckdb/rows.ts';
import {type InferOptions, inferDescriptor} from '../../../pipeline/io/data/infer-descriptor.ts';
import {failureText} from '../../helpers/failure-text.ts';
import {makeFolder} from '../../helpers/folder.ts';

const folder = makeFolder();

async function infer(content: string | Buffer, options: Partial<InferOptions>): Promise<Descriptor> {
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

test('several targets in one option get the option repeated', async () => {
  const given = {targets: ['price,rooms', 'price,garden'], features: ['area']};
  expect(await failureText(infer(houses, given))).toMatchInlineSnapshot(`
    "usage COLUMN_UNKNOWN
    houses.csv has the columns "area", "rooms", "town", "price":
      --target "price,rooms": no such column. To predict several, repeat the option: --target price --target rooms
      --target "price,garden": no such column.
    Fix: Name columns of the file."
  `);
});

test('a file without any other numeric column is refused', async () => {
  expect(await failureText(infer('town,price\nBonn,1\nUlm,2\n', {}))).toMatchInlineSnapshot(`
    "data DATA_NO_FEATURES
    houses.csv: expected a numeric column besides the target, found "town"
    Fix: A model learns from numbers: get a file with a named column of them."
  `);
  const mostlyTexts = 'area,price\nx,1\ny,2\n3,4\n';
  expect(await failureText(infer(mostlyTexts, {}))).toMatchInlineSnapshot(`
    "data DATA_NO_FEATURES
    houses.csv: expected a numeric column besides the target, found "area"
    Fix: Name the columns to learn from, and the cells that are no numbers are listed: --features area"
  `);
});

test('a file with only the target is refused', async () => {
  expect(await failureText(infer('price\n1\n2\n', {}))).toMatchInlineSnapshot(`
    "data DATA_NO_FEATURES
    houses.csv: expected columns besides the target "price", found none
    Fix: Get a file that also has the columns to predict from."
  `);
});

test('a file with a header only is refused', async () => {
  expect(await failureText(infer('area,price\n', {}))).toMatchInlineSnapshot(`
    "data DATA_TOO_FEW_ROWS
    houses.csv: expected at least 2 rows of data, one to train on and one to test on, found none
    Fix: Get a file with more rows. A CSV without a header row needs a descriptor with "header": false under "format"."
  `);
});

test('a file of which no row can be taken apart is refused for its rows', async () => {
  expect(await failureText(infer('area,price\n1,2,3\n1,2,3\n', {}))).toMatchInlineSnapshot(`
    "data DATA_BAD_ROWS
    houses.csv: 2 problems:
      houses.csv:2: expected 2 cells, found 3
      houses.csv:3: expected 2 cells, found 3
    Fix: Give every row 2 cells; a cell that holds the delimiter needs quotes."
  `);
});

test('a cell in Latin-1 is refused with its line, also in a column of texts', async () => {
  const bytes = Buffer.from('area,price,town\n50,100,Bonn\n60,110,Zürich\n', 'latin1');
  expect(await failureText(infer(bytes, {}))).toMatchInlineSnapshot(`
    "data DATA_ENCODING
    houses.csv: 1 problem:
      houses.csv:3: expected UTF-8 text, found other bytes
    Fix: Convert the file: iconv -f latin1 -t utf-8 houses.csv > converted.csv — or set "encoding": "latin-1" under "format" in the descriptor."
  `);
  const alone = Buffer.from('area,price,town\n60,110,Zürich\n', 'latin1');
  expect(await failureText(infer(alone, {}))).toMatch(/^data DATA_ENCODING\n/);
});

test('a cell in Latin-1 does not matter in a column that is not used', async () => {
  const bytes = Buffer.from('area,price,town\n50,100,Bonn\n60,110,Zürich\n', 'latin1');
  expect((await infer(bytes, {features: ['area']})).features).toEqual(['area']);
});

test('numbers with a decimal comma are refused, and not taken for texts', async () => {
  const content = 'area;rooms;price\n1,3436;2;100\n2;3;110,5\n-3,5e2;4;\n';
  expect(await failureText(infer(content, {}))).toMatchInlineSnapshot(`
    "data DATA_DECIMAL_COMMA
    houses.csv: expected numbers with a decimal point, found commas: "1,3436" in "area"
    Fix: Write the numbers with a point, and without marks between thousands, or write a descriptor with "delimiter": ";" and "decimal": "," under "format" and run with --dataset FILE. To leave such columns out, name those to learn from: --features a,b,c"
  `);
  const quoted = 'area,price\n"1,500",100\n"2,500",110\n';
  expect(await failureText(infer(quoted, {}))).toMatchInlineSnapshot(`
    "data DATA_DECIMAL_COMMA
    houses.csv: expected numbers with a decimal point, found commas: "1,500" in "area"
    Fix: Write the numbers with a point, and without marks between thousands. To leave such columns out, name those to learn from: --features a,b,c"
  `);
});

test('numeric columns that cannot be features by their name are left out, and that is told', async () => {
  const lines: string[] = [];
  const content = 'area,,price,__proto__,"a\nb"\n1,2,3,4,5\n6,7,8,9,10\n';
  const {features} = await infer(content, {report: line => lines.push(line)});
  expect(features).toEqual(['area']);
  expect(lines).toMatchInlineSnapshot(`
    [
      "houses.csv: column 2 has no name: it is left out. To learn from it, rename it.",
      "houses.csv: column 4 is named "__proto__", which no feature can be called: it is left out. To learn from it, rename it.",
      "houses.csv: column 5 is named "a\\nb", which no feature can be called: it is left out. To learn from it, rename it.",
    ]
  `);
});

test('a column that cannot be a feature by its name is refused where it is named', async () => {
  const content = 'area,price,__proto__\n1,2,3\n6,7,8\n';
  expect(await failureText(infer(content, {features: ['area', '__proto__']}))).toMatchInlineSnapshot(`
    "usage COLUMN_NAME
    houses.csv: no feature or target can be called "__proto__"
    Fix: Rename column 3 of the file."
  `);
});

test('columns may have the names of members that every object has', async () => {
  const content = 'constructor,prototype,toString\n1,2,3\n6,7,8\n';
  const {features, targets} = await infer(content, {targets: ['toString', 'constructor']});
  expect({features, targets}).toEqual({features: ['prototype'], targets: ['toString', 'constructor']});
});

test('an address is kept without user name and password', async () => {
  const {source} = await infer(houses, {source: {url: 'https://user:s3cret@example.org/houses.csv'}});
  expect(source).toEqual({url: 'https://example.org/houses.csv'});
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
