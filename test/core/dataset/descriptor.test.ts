import {readFile, writeFile} from 'node:fs/promises';
import {expect, test} from 'vitest';
import {
  Descriptor,
  makeJsonSchema,
  parseDescriptor as parseWithGate,
  stripUserinfo,
} from '../../../pipeline/core/dataset/descriptor.ts';
import {describeMetrics} from '../../../pipeline/core/gate/metric-words.ts';
import {listRuleProblems} from '../../../pipeline/core/gate/rule-problems.ts';
import {failureText} from '../../helpers/failure-text.ts';

const parseDescriptor = (text: string, where: string) => parseWithGate(text, where, listRuleProblems);

const minimal = {
  name: 'houses',
  source: {file: 'houses.csv'},
  columns: [
    {name: 'area', type: 'number'},
    {name: 'price', type: 'number'},
    {name: 'town', type: 'category'},
  ],
  features: ['area'],
  targets: ['price'],
};

/** What is said about the minimal descriptor with some keys replaced. */
function complaint(changes: object): Promise<string> {
  const text = JSON.stringify({...minimal, ...changes});
  return failureText((async () => parseDescriptor(text, 'houses.json'))());
}

test('the committed iris descriptor is valid', async () => {
  const iris = parseDescriptor(await readFile('data/iris.json', 'utf8'), 'data/iris.json');
  expect(iris.features).toEqual(['sepal_length', 'sepal_width', 'petal_width']);
  expect(iris.format).toEqual({type: 'csv', header: false, missing: ['', 'NA', '?']});
  expect(iris.gate.champion).toEqual({metric: 'mse', maxIncrease: 0.02});
});

test('what is left out gets its default', () => {
  const {format, split, gate} = parseDescriptor(`\ufeff${JSON.stringify(minimal)}`, 'houses.json');
  expect({format, split, gate}).toEqual({
    format: {type: 'csv', header: true, missing: []},
    split: {testSize: 0.2, seed: 42},
    gate: {rules: []},
  });
});

test('a parsed descriptor parses again to itself', async () => {
  const iris = parseDescriptor(await readFile('data/iris.json', 'utf8'), 'data/iris.json');
  expect(parseDescriptor(JSON.stringify(iris), 'again')).toEqual(iris);
});

test('the largest seed of NumPy is accepted', () => {
  const text = JSON.stringify({...minimal, split: {testSize: 0.5, seed: 2 ** 32 - 1}});
  expect(parseDescriptor(text, 'houses.json').split.seed).toBe(4294967295);
});

test('data/dataset.schema.json is generated from the schema (UPDATE_SCHEMA=1 npx vitest run … rewrites it)', async () => {
  const file = 'data/dataset.schema.json';
  const generated = makeJsonSchema(describeMetrics());
  if (process.env.UPDATE_SCHEMA === '1') await writeFile(file, `${JSON.stringify(generated, null, 2)}\n`);
  const hint = `Run: UPDATE_SCHEMA=1 npx vitest run --config test/vitest.config.ts test/core/dataset/descriptor.test.ts`;
  expect(JSON.parse(await readFile(file, 'utf8')), hint).toEqual(generated);
});

test('the JSON Schema names every key of the descriptor', () => {
  const schema = makeJsonSchema(describeMetrics()) as {properties: object};
  expect(Object.keys(schema.properties)).toEqual(Object.keys(Descriptor.shape));
});

test.each([
  ['cut off', '{"name": "houses"'],
  ['empty', ''],
  ['without a comma', '{"name": "houses"\n "source": {}}'],
  ['with a word', '{\n  "name": "houses",\n  "split": {"seed": None}\n}'],
  ['with a trailing comma', '{"name": "houses",\n}'],
  ['with a tab in a text', '{"name": "a\tb"}'],
  ['with more after its end', '{} {}'],
  ['with lists in lists in lists', '['.repeat(100_000)],
])('text that is no JSON is placed: %s', async (_, text) => {
  expect(await failureText((async () => parseDescriptor(text, 'houses.json'))())).toMatchSnapshot();
});

test('a text that is no object is refused', async () => {
  expect(await failureText((async () => parseDescriptor('[]', 'houses.json'))())).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      the file: expected an object, found []
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test('everything that is missing is named', async () => {
  expect(await failureText((async () => parseDescriptor('{}', 'houses.json'))())).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 5 problems:
      name: expected a name of lower-case letters and digits, with single . _ or - between them, but it is missing
      source: expected an object, but it is missing
      columns: expected a list of columns, but it is missing
      features: expected a list of column names, but it is missing
      targets: expected a list of column names, but it is missing
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test('unknown keys get the nearest known one', async () => {
  const changes = {
    fetures: [],
    nonsense: 1,
    format: {heder: true},
    columns: [{name: 'area', type: 'number', unti: 'm'}, ...minimal.columns.slice(1)],
    gate: {rules: [{metric: 'mse', maks: 1, max: 1}]},
  };
  expect(await complaint(changes)).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 5 problems:
      format.heder: unknown key. Did you mean "header"?
      columns[0].unti: unknown key. Did you mean "unit"?
      gate.rules[0].maks: unknown key.
      fetures: unknown key. Did you mean "features"?
      nonsense: unknown key.
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test('a feature or target that is no column gets the nearest one', async () => {
  expect(await complaint({features: ['aera', 'garden'], targets: ['pirce']})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 3 problems:
      features[0]: "aera" is not among the columns. Did you mean "area"?
      features[1]: "garden" is not among the columns.
      targets[0]: "pirce" is not among the columns. Did you mean "price"?
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test('a target among the features is refused', async () => {
  expect(await complaint({features: ['area', 'price']})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      targets[0]: "price" is also a feature; a target cannot predict itself
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test('a category as feature or target is refused', async () => {
  expect(await complaint({features: ['area', 'town']})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      features[1]: expected a column of type "number", found "town" of type "category"
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test('names that appear twice are refused', async () => {
  const changes = {
    columns: [
      ...minimal.columns,
      {name: 'area', type: 'number'},
      {name: 'kind', type: 'category', values: ['a', 'a']},
    ],
    features: ['area', 'area'],
  };
  expect(await complaint(changes)).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 3 problems:
      columns[3].name: "area" is listed twice
      columns[4].values[1]: "a" is listed twice
      features[1]: "area" is listed twice
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test.each([0, 1, 1.5, -0.2, '20 %', null])('testSize %j is refused', async testSize => {
  expect(await complaint({split: {testSize}})).toMatchSnapshot();
});

test.each([-1, 1.5, 2 ** 32, '42', null])('seed %j is refused', async seed => {
  expect(await complaint({split: {seed}})).toMatchSnapshot();
});

test('limits the wrong way round are refused', async () => {
  const columns = [{name: 'area', type: 'number', min: 10, max: 1}, ...minimal.columns.slice(1)];
  expect(await complaint({columns, gate: {rules: [{metric: 'r2', min: 2, max: 1}]}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 2 problems:
      columns[0]: expected min to be at most max, found min 10 and max 1
      gate.rules[0]: expected min to be at most max, found min 2 and max 1
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test('a hash that is none is refused', async () => {
  expect(await complaint({source: {file: 'houses.csv', sha256: 'ABC'}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      source.sha256: expected 64 lower-case hexadecimal digits, found "ABC"
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test('a source needs exactly one place, and a web address', async () => {
  expect(await complaint({source: {}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      source: expected either "url" or "file", found neither
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
  expect(await complaint({source: {url: 'https://example.org/a.csv', file: 'a.csv'}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      source: expected either "url" or "file", found both
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
  expect(await complaint({source: {url: 'ftp://example.org/a.csv'}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      source.url: expected an http or https address, found "ftp://example.org/a.csv"
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
  expect(await complaint({source: {file: 'a.csv', snapshot: 'b.csv'}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      source.snapshot: only for a source with a "url"
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test.each(['Iris', '../iris', '', 'a--b-', '.iris', 'a..b', 'a'.repeat(101), 7])(
  'the dataset name %j is refused',
  async name => {
    expect(await complaint({name})).toMatchSnapshot();
  },
);

test.each(['iris', 'iris-2', 'a.b_c', 'a--b', '2024'])('the dataset name %j is accepted', name => {
  expect(parseDescriptor(JSON.stringify({...minimal, name}), 'houses.json').name).toBe(name);
});

test.each(['__proto__', '', ' area', 'a\nb'])('the column name %j is refused', async name => {
  expect(await complaint({columns: [...minimal.columns, {name, type: 'number'}]})).toMatchSnapshot();
});

test.each(['constructor', 'prototype', 'toString'])('the column name %j is accepted', name => {
  const text = JSON.stringify({...minimal, columns: [...minimal.columns, {name, type: 'number'}]});
  expect(parseDescriptor(text, 'houses.json').columns[3]?.name).toBe(name);
});

test('keys that stand twice in an object are refused, with their lines', async () => {
  const text = `{
  "name": "houses", "name": "homes",
  "source": {"file": "houses.csv"},
  "columns": [
    {"name": "area", "type": "number"},
    {"name": "a \\"quoted\\" {name}", "type": "number",
      "unit": "m2", "un\\u0069t": "ha"}
  ],
  "features": ["area"],
  "targets": ["a \\"quoted\\" {name}"],
  "split": {
    "seed": 42,
    "testSize": 2,
    "seed": 43
  }
}`;
  expect(await failureText((async () => parseDescriptor(text, 'houses.json'))())).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 4 problems:
      name: listed twice, on line 2
      columns[1].unit: listed twice, on line 7
      split.seed: listed twice, on lines 12 and 14
      split.testSize: expected a number over 0 and under 1, found 2
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test('an address with user name and password is refused, and they are not repeated', async () => {
  const url = 'https://user:s3cret@example.org/a.csv';
  expect(await complaint({source: {url}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      source.url: expected an address without a user name and password, as a descriptor is shared, found them before "example.org"; name such an address with --csv, or a local copy with "file"
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
  expect(await complaint({source: {url: 'ftp://user:s3c/ret@example.org/a.csv'}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      source.url: expected an http or https address, found "ftp://example.org/a.csv"
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test.each([
  ['https://user:s3cret@example.org/a.csv?x=1', 'https://example.org/a.csv?x=1'],
  ['http:///user@example.org/a.csv', 'http://example.org/a.csv'],
  ['http://user:p@ss@example.org', 'http://example.org/'],
  // no address, for the slash ends the host; the password must go all the same
  ['http://user:s3c/ret@example.org/a.csv', 'http://example.org/a.csv'],
  ['ftp://user:s3cret@example.org/a.csv', 'ftp://example.org/a.csv'],
  ['https://example.org/a@b.csv', 'https://example.org/a@b.csv'],
  ['HTTPS://example.org', 'HTTPS://example.org'],
  ['data/a@b.csv', 'data/a@b.csv'],
  ['C:\\data\\a@b.csv', 'C:\\data\\a@b.csv'],
])('%j without user name and password is %j', (url, stripped) => {
  expect(stripUserinfo(url)).toBe(stripped);
});

test('a column type that is none is refused', async () => {
  expect(
    await complaint({columns: [...minimal.columns, {name: 'x', type: 'nmber'}, 'y']}),
  ).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 2 problems:
      columns[3].type: expected "type" to be "number" or "category", found "nmber"
      columns[4]: expected "type" to be "number" or "category", found "y"
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test('CSV settings are refused for other types, and must not contradict each other', async () => {
  expect(await complaint({format: {type: 'parquet', delimiter: ';'}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      format.delimiter: only for type "csv", and the type is "parquet"
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
  expect(await complaint({format: {delimiter: '"'}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      format.quote: expected another character than the delimiter, found "\\""
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
  expect(await complaint({format: {decimal: ','}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      format.decimal: expected another character than the delimiter, found ","
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
  expect(await complaint({format: {delimiter: '::'}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 1 problem:
      format.delimiter: expected one ASCII character, found "::"
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test('problems of every part are listed together', async () => {
  const changes = {
    name: 'Houses',
    features: ['aera'],
    split: {testSize: 2},
    gate: {rules: [{metric: 'mse'}]},
  };
  expect(await complaint(changes)).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 4 problems:
      name: expected a name of lower-case letters and digits, with single . _ or - between them, found "Houses"
      split.testSize: expected a number over 0 and under 1, found 2
      features[0]: "aera" is not among the columns. Did you mean "area"?
      gate.rules[0]: expected "min", "max" or both, found neither
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});

test('what is said about the dataset is free text, with a suggestion for a key that is misspelt', async () => {
  const about = {title: 'Houses', licence: 'CC0', notes: ['Row 7 is a barn.']};
  expect(parseDescriptor(JSON.stringify({...minimal, about}), 'houses.json').about).toEqual(about);
  expect(await complaint({about: {license: 'CC0', licenceUrl: 'ftp://x', title: ''}})).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_INVALID
    houses.json: 3 problems:
      about.title: expected text that is not empty, found ""
      about.licenceUrl: expected an http or https address, found "ftp://x"
      about.license: unknown key. Did you mean "licence"?
    Fix: Correct houses.json. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema"."
  `);
});
