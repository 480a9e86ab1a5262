import {existsSync, readdirSync} from 'node:fs';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {DuckDBInstance} from '@duckdb/node-api';
import {describe, expect, test} from 'vitest';
import {checkDescriptor, type Descriptor} from '../../../pipeline/core/dataset/descriptor.ts';
import type {Table} from '../../../pipeline/core/dataset/table-collector.ts';
import {readTable} from '../../../pipeline/io/data/duckdb/rows.ts';
import {failureText} from '../../helpers/failure-text.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {asUnprivileged} from '../../helpers/unprivileged.ts';

const folder = makeFolder();
let folders = 0;

/** The path of a new file, alone in its folder. */
async function placeFile(name: string): Promise<string> {
  const place = join(folder, String(++folders));
  await mkdir(place);
  return join(place, name);
}

const columns = [
  {name: 'area', type: 'number', unit: 'm2', min: 0, max: 100},
  {name: 'price', type: 'number'},
  {name: 'town', type: 'category'},
];

function describeHouses(changes: object = {}, format: object = {}): Descriptor {
  const source = {file: 'houses.csv'};
  const houses = {name: 'houses', source, format, columns, features: ['area'], targets: ['price']};
  return checkDescriptor({...houses, ...changes}, 'houses.json');
}

interface Reading {
  descriptor?: Descriptor;
  dropMissing?: boolean;
  name?: string;
}

async function read(content: string | Buffer, reading: Reading = {}): Promise<Table> {
  const {descriptor = describeHouses(), dropMissing = false, name = 'houses.csv'} = reading;
  const path = await placeFile(name);
  await writeFile(path, content);
  return readTable({path, shownAs: `data/${name}`}, descriptor, {dropMissing});
}

function complaint(content: string | Buffer, reading: Reading = {}): Promise<string> {
  return failureText(read(content, reading));
}

const twoHouses = {
  rowNumbers: [1, 2],
  features: [[50], [60.5]],
  targets: [[100], [120]],
  categories: [{name: 'town', values: ['Bonn', 'Köln']}],
  others: [],
  dropped: 0,
};

describe('reads', () => {
  test('the iris data as published: 150 rows, the empty last line not among them', async () => {
    const iris = checkDescriptor(
      {
        name: 'iris',
        source: {file: 'iris.data'},
        format: {header: false},
        columns: ['a', 'b', 'c', 'd']
          .map(name => ({name, type: 'number'}))
          .concat([{name: 'e', type: 'category'}]),
        features: ['d', 'a'],
        targets: ['c', 'b'],
      },
      'iris.json',
    );
    const table = await readTable({path: 'data/iris.data', shownAs: 'iris.data'}, iris, {dropMissing: false});
    expect(table.features).toHaveLength(150);
    // first and last line of the file, in the order of the descriptor's features and targets
    expect([table.features[0], table.targets[0]]).toEqual([
      [0.2, 5.1],
      [1.4, 3.5],
    ]);
    expect([table.features[149], table.targets[149]]).toEqual([
      [1.8, 5.9],
      [5.1, 3.0],
    ]);
    expect(table.categories[0]?.values[149]).toBe('Iris-virginica');
    expect(table.rowNumbers[149]).toBe(150);
  });

  test('columns by name, in any order, and ignores those that are not declared', async () => {
    expect(await read('id,town,price,area\n7,Bonn,100,50\n8,Köln,120,60.5\n')).toEqual(twoHouses);
  });

  test('numbers that are neither feature nor target, null where they are missing', async () => {
    const descriptor = describeHouses({columns: [...columns, {name: 'age', type: 'number'}]});
    const {others} = await read('area,price,town,age\n50,100,a,7\n60,110,a,\n', {descriptor});
    expect(others).toEqual([{name: 'age', values: [7, null]}]);
  });

  test('a file with BOM, CRLF, blank lines and spaces around names', async () => {
    expect(await read('\ufeff\r\narea, price ,town\r\n50,100,Bonn\r\n\r\n60.5,120,Köln\r\n\r\n')).toEqual(
      twoHouses,
    );
  });

  test('quoted fields with delimiters, doubled quotes and line breaks', async () => {
    const {categories} = await read(
      'area,price,"town"\n50,"100","Bonn, ""am"" Rhein"\n60.5,120,"two\nlines"\n',
    );
    expect(categories[0]?.values).toEqual(['Bonn, "am" Rhein', 'two\nlines']);
  });

  test('semicolons and a decimal comma', async () => {
    const descriptor = describeHouses({}, {delimiter: ';', decimal: ','});
    expect(await read('area;price;town\n50;100;Bonn\n60,5;120;Köln\n', {descriptor})).toEqual(twoHouses);
  });

  test('another quote character', async () => {
    const descriptor = describeHouses({}, {quote: "'"});
    const {categories} = await read("area,price,town\n50,100,'Bonn, Rhein'\n60,120,a\"b\n", {descriptor});
    expect(categories[0]?.values).toEqual(['Bonn, Rhein', 'a"b']);
  });

  test('Latin-1 where the format says so', async () => {
    const bytes = Buffer.from('area,price,town\n50,100,Bonn\n60.5,120,Köln\n', 'latin1');
    expect(await read(bytes, {descriptor: describeHouses({}, {encoding: 'latin-1'})})).toEqual(twoHouses);
  });

  test('gzip, whatever the name', async () => {
    const bytes = gzipSync('area,price,town\n50,100,Bonn\n60.5,120,Köln\n');
    expect(await read(bytes, {name: 'houses.csv'})).toEqual(twoHouses);
    expect(await read('area,price,town\n50,100,Bonn\n60.5,120,Köln\n', {name: 'plain.gz'})).toEqual(
      twoHouses,
    );
  });

  test('JSON as an array and as lines, numbers also where they are quoted', async () => {
    const descriptor = describeHouses({}, {type: 'json'});
    const rows = [
      {area: 50, price: '100', town: 'Bonn'},
      {price: 1.2e2, area: 60.5, town: 'Köln', extra: [1]},
    ];
    expect(await read(JSON.stringify(rows), {descriptor, name: 'houses.json'})).toEqual(twoHouses);
    const lines = rows.map(row => JSON.stringify(row)).join('\n');
    expect(await read(lines, {descriptor, name: 'houses.jsonl'})).toEqual(twoHouses);
    expect(await read(gzipSync(lines), {descriptor, name: 'houses.jsonl.gz'})).toEqual(twoHouses);
  });

  test.each([
    ['houses.parquet', 'FORMAT parquet', 'parquet'],
    ['houses.json', 'FORMAT json, ARRAY true', 'json'],
    ['houses.csv.gz', 'FORMAT csv, HEADER true, COMPRESSION gzip', 'csv'],
  ])('what DuckDB wrote to %s', async (name, format, type) => {
    const path = await placeFile(name);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const values = "(50, 100::DECIMAL(9, 2), 'Bonn'), (60.5::DOUBLE, 120, 'Köln')";
    await connection.run(
      `COPY (SELECT * FROM (VALUES ${values}) t(area, price, town)) TO '${path}' (${format})`,
    );
    connection.closeSync();
    instance.closeSync();
    const descriptor = describeHouses({}, {type});
    expect(await readTable({path, shownAs: name}, descriptor, {dropMissing: false})).toEqual(twoHouses);
  });

  test('a path with characters that DuckDB takes for a pattern', async () => {
    const content = 'area,price,town\n50,100,Bonn\n60.5,120,Köln\n';
    expect(await read(content, {name: "a[1]*?'s x=1.csv"})).toEqual(twoHouses);
  });

  test('every digit of a number', async () => {
    const {features} = await read('area,price,town\n0.1,1,a\n99.99999999999999,2,b\n1e-320,3,c\n');
    expect(features).toEqual([[0.1], [99.99999999999999], [1e-320]]);
  });

  test('the order of a file of many blocks', async () => {
    const rows = Array.from({length: 300_000}, (_, i) => `${i % 100},${i},t\n`);
    const {targets} = await read(`area,price,town\n${rows.join('')}`);
    expect(targets.every(([price], i) => price === i)).toBe(true);
  });
});

const descriptors = '/proc/self/fd';
test.skipIf(!existsSync(descriptors))('leaves no file open', async () => {
  const good = 'area,price,town\n50,100,Bonn\n60.5,120,Köln\n';
  const bad = 'area,price,town\n50,100,Bonn\nx,120,Köln\n1,2\n';
  const readAll = async () => {
    await read(good);
    await read(gzipSync(good));
    await complaint(bad);
    await complaint(gzipSync(bad));
  };
  await readAll();
  const before = readdirSync(descriptors).length;
  for (let i = 0; i < 5; i++) await readAll();
  await expect.poll(() => readdirSync(descriptors).length, {timeout: 5_000}).toBeLessThanOrEqual(before);
});

describe('missing cells', () => {
  const content = 'area,price,town\n50,100,Bonn\n,110,Ulm\n60, NA ,Ulm\n60.5,120,Köln\n70,130,NA\n';
  const descriptor = describeHouses({}, {missing: ['NA', '?']});

  test('drop their row with --drop-missing, if they are in a feature or target', async () => {
    expect(await read(content, {descriptor, dropMissing: true})).toEqual({
      rowNumbers: [1, 4, 5],
      features: [[50], [60.5], [70]],
      targets: [[100], [120], [130]],
      categories: [{name: 'town', values: ['Bonn', 'Köln', null]}],
      others: [],
      dropped: 2,
    });
  });

  test('are refused without it', async () => {
    expect(await complaint(content, {descriptor})).toMatchInlineSnapshot(`
      "data DATA_MISSING_CELLS
      data/houses.csv: 2 problems:
        data/houses.csv:3 "area": expected a number, found nothing
        data/houses.csv:4 "price": expected a number, found " NA ", which means "no value"
      Fix: Fill the missing cells, or leave their rows out with --drop-missing."
    `);
  });

  test('are null in JSON', async () => {
    const json = describeHouses({}, {type: 'json'});
    const rows = '[{"area": null, "price": 1, "town": "a"}, {"price": 2, "town": "b"}]';
    expect(await complaint(rows, {descriptor: json, name: 'houses.json'})).toMatchInlineSnapshot(`
      "data DATA_MISSING_CELLS
      data/houses.json: 2 problems:
        data/houses.json row 1 "area": expected a number, found nothing
        data/houses.json row 2 "area": expected a number, found nothing
      Fix: Fill the missing cells, or leave their rows out with --drop-missing."
    `);
  });

  test('that leave fewer than two rows are counted', async () => {
    const reading = {descriptor, dropMissing: true};
    expect(await complaint('area,price,town\n50,100,Bonn\n,110,Ulm\n', reading)).toMatchInlineSnapshot(`
      "data DATA_TOO_FEW_ROWS
      data/houses.csv: expected at least 2 rows of data, one to train on and one to test on, found 1 after 1 with missing cells was dropped
      Fix: Get a file with more rows. A CSV without a header row needs a descriptor with "header": false under "format"."
    `);
  });
});

describe('refuses a file', () => {
  test('that is not there', async () => {
    const file = {path: '/nowhere/houses.csv', shownAs: 'houses.csv'};
    expect(await failureText(readTable(file, describeHouses(), {dropMissing: false}))).toMatchInlineSnapshot(`
      "data DATA_NOT_FOUND
      houses.csv: there is no such file
      Fix: Correct the name."
    `);
  });

  test('that is empty', async () => {
    expect(await complaint('')).toMatchInlineSnapshot(`
      "data DATA_EMPTY
      data/houses.csv: the file is empty
      Fix: Get the file again, or name another one."
    `);
  });

  test('of blank lines', async () => {
    expect(await complaint('\n\r\n\n')).toMatchInlineSnapshot(`
      "data DATA_EMPTY
      data/houses.csv: the file holds only blank lines
      Fix: Get the file again, or name another one."
    `);
  });

  test('with a header only', async () => {
    expect(await complaint('area,price,town\n')).toMatchInlineSnapshot(`
      "data DATA_TOO_FEW_ROWS
      data/houses.csv: expected at least 2 rows of data, one to train on and one to test on, found none
      Fix: Get a file with more rows. A CSV without a header row needs a descriptor with "header": false under "format"."
    `);
  });

  test('with one row', async () => {
    expect(await complaint('area,price,town\n50,100,Bonn\n')).toMatchInlineSnapshot(`
      "data DATA_TOO_FEW_ROWS
      data/houses.csv: expected at least 2 rows of data, one to train on and one to test on, found 1
      Fix: Get a file with more rows. A CSV without a header row needs a descriptor with "header": false under "format"."
    `);
  });

  test('with duplicate header names', async () => {
    expect(await complaint('area,price,town,area,,\n50,100,Bonn,1,2,3\n')).toMatchInlineSnapshot(`
      "data DATA_HEADER
      data/houses.csv: expected every column to have its own name, found:
        "area" in columns 1, 4
        no name in columns 5, 6
      Fix: Rename the columns in the first row."
    `);
  });

  test('whose header lacks a declared column', async () => {
    expect(await complaint('aera,price,city\n50,100,Bonn\n')).toMatchInlineSnapshot(`
      "data DATA_HEADER
      data/houses.csv: expected the columns that the descriptor declares, found "aera", "price", "city":
        "area" is not there. Did you mean "aera"?
        "town" is not there.
      Fix: Correct the names in the descriptor or in the file. For a file without a header row set "header": false under "format"."
    `);
  });

  test('whose header is separated by another character', async () => {
    expect(await complaint('area;price;town\n50;100;Bonn\n')).toMatchInlineSnapshot(`
      "data DATA_HEADER
      data/houses.csv: expected the columns that the descriptor declares, found "area;price;town":
        "area" is not there.
        "price" is not there.
        "town" is not there.
      Fix: Set "delimiter": ";" under "format" in the descriptor."
    `);
  });

  test('in Latin-1, with the lines', async () => {
    const bytes = Buffer.from('area,price,town\n50,100,Bonn\nx,120,Köln\n60,130,Düren\n', 'latin1');
    expect(await complaint(bytes)).toMatchInlineSnapshot(`
      "data DATA_ENCODING
      data/houses.csv: 2 problems:
        data/houses.csv:3: expected UTF-8 text, found other bytes
        data/houses.csv:4: expected UTF-8 text, found other bytes
      Fix: Convert the file: iconv -f latin1 -t utf-8 data/houses.csv > converted.csv — or set "encoding": "latin-1" under "format" in the descriptor."
    `);
  });

  test('with a header in Latin-1', async () => {
    expect(await complaint(Buffer.from('fläche,price,town\n50,100,Bonn\n', 'latin1'))).toMatchInlineSnapshot(`
      "data DATA_ENCODING
      data/houses.csv: 1 problem:
        data/houses.csv:1: expected UTF-8 text, found other bytes
      Fix: Convert the file: iconv -f latin1 -t utf-8 data/houses.csv > converted.csv — or set "encoding": "latin-1" under "format" in the descriptor."
    `);
  });

  test('whose header has a quote that never closes', async () => {
    const content = `\n"area,price,town\n50,100,Bonn\n${'60,120,Köln\n'.repeat(200_000)}`;
    expect(await complaint(content)).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 1 problem:
        data/houses.csv:2: expected every quoted cell to end with a quote and a delimiter; this row has one that does not, and nothing after it was checked
      Fix: Close the quote; write a quote inside a quoted cell twice. When another character encloses cells, set "quote" under "format" in the descriptor."
    `);
  });

  test('in UTF-16', async () => {
    expect(await complaint(Buffer.from('\ufeffarea,price\n', 'utf16le'))).toMatchInlineSnapshot(`
      "data DATA_ENCODING
      data/houses.csv: expected UTF-8 text, found UTF-16
      Fix: Convert it: iconv -f utf-16 -t utf-8 data/houses.csv > converted.csv"
    `);
  });

  test('with mixed line endings', async () => {
    expect(await complaint('area,price,town\n50,100,Bonn\n60,120,Ulm\r\n')).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      data/houses.csv:3: expected the line to end with "\\n" as the lines before it, found "\\r\\n"
      Fix: Give all lines the same ending: tr -d '\\r' < data/houses.csv > fixed.csv"
    `);
  });

  test('that is gzip and cut off, though all of its rows so far are good', async () => {
    const bytes = gzipSync(`area,price,town\n${'50,100,Bonn\n'.repeat(1000)}`);
    expect(await complaint(bytes.subarray(0, -8), {name: 'houses.csv.gz'})).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      data/houses.csv.gz: the gzip file is cut off or damaged
      Fix: Get the file again."
    `);
  });

  test('that is a web page', async () => {
    expect(await complaint('<!DOCTYPE html>\n<html>…')).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      data/houses.csv: expected a table, found an HTML page
      Fix: Get the file itself: this is a page about it, or an error page."
    `);
  });

  test.each([
    ['an HTML page', '<!DOCTYPE html>\n'],
    ['an empty answer', ''],
    ['Latin-1', Buffer.from('area,price,town\n50,100,Köln\n', 'latin1')],
    ['UTF-16', Buffer.from('\ufeffarea\n', 'utf16le')],
    ['mixed line endings', 'area,price,town\n50,100,Ulm\n60,120,Ulm\r\n'],
    ['a bad cell', 'area,price,town\n50,n/a,Ulm\n'],
  ])('that was downloaded by its address, in commands by its path: %s', async (_, content) => {
    const path = await placeFile('6bc8');
    await writeFile(path, content);
    const file = {path, shownAs: 'https://example.org/houses.csv', typedAs: 'cache/6bc8'};
    const reading = readTable(file, describeHouses(), {dropMissing: false});
    expect(await failureText(reading)).toMatchSnapshot();
  });

  test('that this user may not read', async () => {
    const path = await placeFile('houses.csv');
    await writeFile(path, '', {mode: 0});
    const told = await asUnprivileged(() =>
      failureText(readTable({path, shownAs: 'houses.csv'}, describeHouses(), {dropMissing: false})),
    );
    expect(told).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      houses.csv: this user may not read it
      Fix: Name a file that this user may read, or correct its permissions."
    `);
  });

  test('that is a folder', async () => {
    const reading = readTable({path: folder, shownAs: 'houses'}, describeHouses(), {dropMissing: false});
    expect(await failureText(reading)).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      houses: it is a folder
      Fix: Name a file that this user may read, or correct its permissions."
    `);
  });

  test('that is a spreadsheet', async () => {
    expect(await complaint('PK\x03\x04…')).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      data/houses.csv: expected a table, found a ZIP archive or a spreadsheet
      Fix: Unpack it; save a spreadsheet as CSV."
    `);
  });

  test('that is no Parquet', async () => {
    const descriptor = describeHouses({}, {type: 'parquet'});
    expect(await complaint('area,price,town\n50,100,Bonn\n', {descriptor})).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      data/houses.csv: expected Parquet: No magic bytes found at end of file 'data/houses.csv'
      Fix: The file looks like csv: set "type": "csv" under "format" in the descriptor, or get the file again."
    `);
    expect(
      await complaint('PAR1 and then nothing', {descriptor, name: 'houses.parquet'}),
    ).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      data/houses.parquet: expected Parquet: No magic bytes found at end of file 'data/houses.parquet'
      Fix: Get the file again, or correct it."
    `);
  });

  test('that is Parquet or JSON and not CSV', async () => {
    expect(await complaint('PAR1…', {name: 'houses.parquet'})).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      data/houses.parquet: expected CSV: the file is Parquet
      Fix: The file looks like parquet: set "type": "parquet" under "format" in the descriptor, or get the file again."
    `);
    expect(await complaint('[{"area": 1}]', {name: 'houses.json'})).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      data/houses.json: expected CSV: the text starts like JSON
      Fix: The file looks like json: set "type": "json" under "format" in the descriptor, or get the file again."
    `);
  });

  test('that is no JSON, with the place', async () => {
    const descriptor = describeHouses({}, {type: 'json'});
    const array = '[{"area": 1, "price": 2, "town": "a"},\n {"area": 1 "price": 2}]';
    expect(await complaint(array, {descriptor, name: 'houses.json'})).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      data/houses.json:2:13: expected JSON, found: Expected ',' or '}' after property value
      Fix: Get the file again, or correct it."
    `);
    const lines = '{"area": 1, "price": 2, "town": "a"}\n{"area": 1 "price": 2}\n';
    expect(await complaint(lines, {descriptor, name: 'houses.jsonl'})).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      data/houses.jsonl:2:12: expected JSON, found: Expected ',' or '}' after property value
      Fix: Get the file again, or correct it."
    `);
  });
});

describe('lists every problem', () => {
  test('of text, infinite and missing cells by physical line, after blank lines and quoted line breaks', async () => {
    const content = `area,price,town
50,100,Bonn

"60
",110,"Ulm
and more"
n/a,120,Köln
70,x,"a ""b"""
80,nan,
90,-inf,a
,1e999,a
5_0,100,a
`;
    expect(await complaint(content)).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 7 problems:
        data/houses.csv:7 "area": expected a number, found "n/a"
        data/houses.csv:8 "price": expected a number, found "x"
        data/houses.csv:9 "price": expected a finite number, found "nan"
        data/houses.csv:10 "price": expected a finite number, found "-inf"
        data/houses.csv:11 "area": expected a number, found nothing
        data/houses.csv:11 "price": expected a finite number, found "1e999"
        data/houses.csv:12 "area": expected a number, found "5_0"
      Fix: Replace values that are not finite: no model can be fitted to them.
      Fill the missing cells, or leave their rows out with --drop-missing.
      Fix the cells, or declare what stands for "no value": --missing "n/a,x,5_0", or "missing" under "format" in the descriptor."
    `);
  });

  test('with the same lines in a file with CRLF', async () => {
    const content = 'area,price,town\r\n50,100,Bonn\r\n\r\n60,110,"Ulm\r\nand more"\r\nn/a,120,Köln\r\n1\r\n';
    expect(await complaint(content)).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 2 problems:
        data/houses.csv:6 "area": expected a number, found "n/a"
        data/houses.csv:7: expected 3 cells, found 1
      Fix: Give every row 3 cells; when another character separates them, set "delimiter" under "format" in the descriptor.
      Fix the cells, or declare what stands for "no value": --missing "n/a", or "missing" under "format" in the descriptor."
    `);
  });

  test('with the same lines in a gzipped file', async () => {
    const content = 'area,price,town\n50,100,"Bonn\n\n"\nn/a,120,Köln\n1\n';
    expect(await complaint(gzipSync(content), {name: 'houses.csv.gz'})).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv.gz: 2 problems:
        data/houses.csv.gz:5 "area": expected a number, found "n/a"
        data/houses.csv.gz:6: expected 3 cells, found 1
      Fix: Give every row 3 cells; when another character separates them, set "delimiter" under "format" in the descriptor.
      Fix the cells, or declare what stands for "no value": --missing "n/a", or "missing" under "format" in the descriptor."
    `);
  });

  test('of ragged rows, between other problems', async () => {
    const content = 'area,price,town\n50,100,Bonn\nx,100,Bonn\n60,110\n\n70,120,Ulm,am,Rhein\n-1,130,Ulm\n';
    expect(await complaint(content)).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 4 problems:
        data/houses.csv:3 "area": expected a number, found "x"
        data/houses.csv:4: expected 3 cells, found 2
        data/houses.csv:6: expected 3 cells, found 5
        data/houses.csv:7 "area": expected a number from 0 to 100, found "-1"
      Fix: Give every row 3 cells; a cell that holds the delimiter needs quotes.
      Fix the cell, or change "min" and "max" of column "area" in the descriptor.
      Fix the cells, or declare what stands for "no value": --missing "x", or "missing" under "format" in the descriptor."
    `);
  });

  test('of values out of their declared range', async () => {
    const content = 'area,price,town\n50,100,a\n100.5,100,a\n-1,100,a\n';
    expect(await complaint(content)).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 2 problems:
        data/houses.csv:3 "area": expected a number from 0 to 100, found "100.5"
        data/houses.csv:4 "area": expected a number from 0 to 100, found "-1"
      Fix: Fix the cell, or change "min" and "max" of column "area" in the descriptor."
    `);
    const open = describeHouses({columns: [{name: 'area', type: 'number', min: 60}, ...columns.slice(1)]});
    expect(await complaint(content, {descriptor: open})).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 2 problems:
        data/houses.csv:2 "area": expected a number of at least 60, found "50"
        data/houses.csv:4 "area": expected a number of at least 60, found "-1"
      Fix: Fix the cell, or change "min" and "max" of column "area" in the descriptor."
    `);
  });

  test('of undeclared categories', async () => {
    const towns = {name: 'town', type: 'category', values: ['Bonn', 'Köln']};
    const descriptor = describeHouses({columns: [...columns.slice(0, 2), towns]});
    const content = 'area,price,town\n50,100,Bonn\n60,110, Köln \n70,120,Kölm\n80,130,Ulm\n90,140,\n';
    expect(await complaint(content, {descriptor})).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 2 problems:
        data/houses.csv:4 "town": expected one of "Bonn", "Köln"; found "Kölm". Did you mean "Köln"?
        data/houses.csv:5 "town": expected one of "Bonn", "Köln"; found "Ulm".
      Fix: Fix the cell, or add the value to "values" of column "town" in the descriptor."
    `);
  });

  test('in a declared column that is neither feature nor target, where only a missing cell is allowed', async () => {
    const descriptor = describeHouses({columns: [...columns, {name: 'age', type: 'number', max: 200}]});
    const content = 'area,price,town,age\n50,100,a,\n60,110,a,old\n70,120,a,300\n';
    expect(await complaint(content, {descriptor})).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 2 problems:
        data/houses.csv:3 "age": expected a number, found "old"
        data/houses.csv:4 "age": expected a number of at most 200, found "300"
      Fix: Fix the cell, or change "min" and "max" of column "age" in the descriptor.
      Fix the cells, or declare what stands for "no value": --missing "old", or "missing" under "format" in the descriptor."
    `);
  });

  test('up to a quote that never closes', async () => {
    const content = 'area,price,town\n50,100,Bonn\nx,110,Ulm\n60,120,"Köln\n70,y,Bonn\n80,130,Ulm\n';
    expect(await complaint(content)).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 2 problems:
        data/houses.csv:3 "area": expected a number, found "x"
        data/houses.csv:4: expected every quoted cell to end with a quote and a delimiter; this row has one that does not, and nothing after it was checked
      Fix: Close the quote; write a quote inside a quoted cell twice. When another character encloses cells, set "quote" under "format" in the descriptor.
      Fix the cells, or declare what stands for "no value": --missing "x", or "missing" under "format" in the descriptor."
    `);
  });

  test('up to text after a closing quote', async () => {
    expect(await complaint('area,price,town\n50,100,Bonn\n60,120,"Köln"am Rhein\n')).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 1 problem:
        data/houses.csv:3: expected every quoted cell to end with a quote and a delimiter; this row has one that does not, and nothing after it was checked
      Fix: Close the quote; write a quote inside a quoted cell twice. When another character encloses cells, set "quote" under "format" in the descriptor."
    `);
  });

  test('of decimal commas, with the setting that reads them', async () => {
    const descriptor = describeHouses({}, {delimiter: ';'});
    expect(await complaint('area;price;town\n50,5;100;a\n60,5;110;b\n', {descriptor})).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 2 problems:
        data/houses.csv:2 "area": expected a number, found "50,5"
        data/houses.csv:3 "area": expected a number, found "60,5"
      Fix: For numbers with a decimal comma, set "decimal": "," under "format" in the descriptor."
    `);
  });

  test('of numbers with a point in a file with decimal commas', async () => {
    const descriptor = describeHouses({}, {delimiter: ';', decimal: ','});
    const content = 'area;price;town\n1.5e3;100;a\n60,5e1;1e999;b\n-inf;1.5;c\n';
    expect(await complaint(content, {descriptor})).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 5 problems:
        data/houses.csv:2 "area": expected a number, found "1.5e3"
        data/houses.csv:3 "area": expected a number from 0 to 100, found "60,5e1"
        data/houses.csv:3 "price": expected a finite number, found "1e999"
        data/houses.csv:4 "area": expected a finite number, found "-inf"
        data/houses.csv:4 "price": expected a number, found "1.5"
      Fix: Fix the cell, or change "min" and "max" of column "area" in the descriptor.
      Replace values that are not finite: no model can be fitted to them.
      Fix the cells, or declare what stands for "no value": --missing "1.5e3,1.5", or "missing" under "format" in the descriptor."
    `);
  });

  test('of a file without a header and with too few cells', async () => {
    const descriptor = describeHouses({}, {header: false});
    expect(await complaint('50;100;Bonn\n60;110;Ulm\n', {descriptor})).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 2 problems:
        data/houses.csv:1: expected 3 cells, found 1
        data/houses.csv:2: expected 3 cells, found 1
      Fix: Give every row 3 cells; when another character separates them, set "delimiter" under "format" in the descriptor."
    `);
  });

  test('of JSON, by row', async () => {
    const descriptor = describeHouses({}, {type: 'json'});
    const rows = [
      {area: 50, price: 100, town: 'a'},
      {area: true, price: {value: 1}, town: 'a'},
    ];
    expect(await complaint(JSON.stringify(rows), {descriptor, name: 'houses.json'})).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.json: 2 problems:
        data/houses.json row 2 "area": expected a number, found "true"
        data/houses.json row 2 "price": expected a number, found "{\\"value\\":1}"
      Fix: Fix the cells, or declare what stands for "no value": --missing "true,{\\"value\\":1}", or "missing" under "format" in the descriptor."
    `);
  });

  test('but shows only the first 20, and counts the rest', async () => {
    const rows = Array.from({length: 30}, (_, i) => `${i},n/a,${i % 3 === 0 ? 'a,b' : 'a'}\n`);
    expect(await complaint(`area,price,town\n${rows.join('')}`)).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 30 problems; the first 20:
        data/houses.csv:2: expected 3 cells, found 4
        data/houses.csv:3 "price": expected a number, found "n/a"
        data/houses.csv:4 "price": expected a number, found "n/a"
        data/houses.csv:5: expected 3 cells, found 4
        data/houses.csv:6 "price": expected a number, found "n/a"
        data/houses.csv:7 "price": expected a number, found "n/a"
        data/houses.csv:8: expected 3 cells, found 4
        data/houses.csv:9 "price": expected a number, found "n/a"
        data/houses.csv:10 "price": expected a number, found "n/a"
        data/houses.csv:11: expected 3 cells, found 4
        data/houses.csv:12 "price": expected a number, found "n/a"
        data/houses.csv:13 "price": expected a number, found "n/a"
        data/houses.csv:14: expected 3 cells, found 4
        data/houses.csv:15 "price": expected a number, found "n/a"
        data/houses.csv:16 "price": expected a number, found "n/a"
        data/houses.csv:17: expected 3 cells, found 4
        data/houses.csv:18 "price": expected a number, found "n/a"
        data/houses.csv:19 "price": expected a number, found "n/a"
        data/houses.csv:20: expected 3 cells, found 4
        data/houses.csv:21 "price": expected a number, found "n/a"
      Fix: Give every row 3 cells; a cell that holds the delimiter needs quotes.
      Fix the cells, or declare what stands for "no value": --missing "n/a", or "missing" under "format" in the descriptor."
    `);
  });

  test('far into a file of many blocks', async () => {
    const rows = Array.from({length: 200_000}, (_, i) => `${i % 100},"${i}",t\n`);
    rows[150_000] = '1,"two\nlines",t\n';
    rows[180_000] = '1,2\n';
    rows[199_999] = '1,x,t\n';
    expect(await complaint(`area,price,town\n\n${rows.join('')}`)).toMatchInlineSnapshot(`
      "data DATA_BAD_ROWS
      data/houses.csv: 3 problems:
        data/houses.csv:150003 "price": expected a number, found "two\\nlines"
        data/houses.csv:180004: expected 3 cells, found 2
        data/houses.csv:200003 "price": expected a number, found "x"
      Fix: Give every row 3 cells; a cell that holds the delimiter needs quotes.
      Fix the cells, or declare what stands for "no value": --missing "two\\nlines,x", or "missing" under "format" in the descriptor."
    `);
  });
});
