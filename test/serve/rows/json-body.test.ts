import {describe, expect, test} from 'vitest';
import {predictBody} from '../../../serve/dialects/predict/predict.ts';
import {readJsonBody} from '../../../serve/rows/json-body.ts';
import {createSchemas} from '../../../serve/rows/schemas.ts';
import {finishNow} from '../../../serve/rows/slices.ts';

const limits = {features: ['a', 'b'], maxRows: 100};
const shapes = '{"features": [[a, b], …]} or {"instances": [{"a": number, "b": number}, …]}';

function parse(sent: unknown, overrides: Partial<typeof limits> = {}) {
  const {features, maxRows} = {...limits, ...overrides};
  const schemas = createSchemas({
    features: features.map(name => ({name, unit: null, mean: 1, scale: 1, min: 0, max: 2})),
    targets: [{name: 'y', unit: null, intercept: 0, coefficients: features.map(() => 1)}],
  });
  const text = typeof sent === 'string' ? sent : JSON.stringify(sent);
  const asked = finishNow(readJsonBody(predictBody, Buffer.from(text), {schemas, maxRows}));
  if ('problem' in asked) return {status: asked.status, ...asked.problem};
  const {rows, level, rowPath, cellPath} = asked;
  const last = rows.length - 1;
  return {rows, ...(level === undefined ? {} : {level}), paths: [rowPath(last), cellPath(last, 1)]};
}

/** The refusal with one field at fault. */
function fault(path: string, message: string) {
  return {
    status: 400,
    code: 'invalid_input',
    message: '1 value is not what this model expects.',
    fields: [{path, message}],
  };
}

describe('a body with rows', () => {
  test('is read row by row', () => {
    const rows = [
      [1, 2],
      [-3.5, 1e-300],
    ];
    expect(parse({features: rows})).toEqual({rows, paths: ['features[1]', 'features[1][1]']});
  });

  test('may be a single row', () => {
    expect(parse({features: [1, 2]})).toEqual({rows: [[1, 2]], paths: ['features', 'features[1]']});
  });

  test('may have rows by name, in any order of the names', () => {
    expect(parse('{"instances": [{"a": 1, "b": 2}, {"b": 4, "a": 3}]}')).toEqual({
      rows: [
        [1, 2],
        [3, 4],
      ],
      paths: ['instances[1]', 'instances[1].b'],
    });
  });

  test('counts the last value of a repeated key, as JSON does', () => {
    expect(parse('{"instances": [{"a": 1, "b": 2, "a": 3}]}')).toMatchObject({rows: [[3, 2]]});
  });

  test('may name features as members that every object has', () => {
    const features = ['constructor', '__proto__'];
    const accepted = parse('{"instances": [{"__proto__": 2, "constructor": 1}]}', {features});
    expect(accepted).toMatchObject({rows: [[1, 2]]});
    expect(parse('{"instances": [{}]}', {features})).toMatchObject({
      fields: [
        {path: 'instances[0].constructor', message: 'expected a number, found none'},
        {path: 'instances[0].__proto__', message: 'expected a number, found none'},
      ],
    });
  });
});

describe('a body that is not JSON', () => {
  test.each(['', '\n'])('is told to be empty where it is: %j', body => {
    expect(parse(body)).toEqual({
      status: 400,
      code: 'malformed_json',
      message: `The body is empty. Send ${shapes}.`,
      fields: [],
    });
  });

  test.each([
    '{"features": [[1, 2]',
    'secret',
    '{"features": [[NaN, 2]]}',
    "{'features': [[1, 2]]}",
    '{"features": [[1, 2]]} more',
  ])('is refused without a word of it (%#)', body => {
    expect(parse(body)).toEqual({
      status: 400,
      code: 'malformed_json',
      message: `The body is not JSON. Send ${shapes}.`,
      fields: [],
    });
  });
});

describe('a body of another shape', () => {
  test.each(['null', '5', '"text"', '[[1, 2]]', 'true'])('is refused when it is %s', body => {
    expect(parse(body)).toEqual({
      status: 400,
      code: 'invalid_input',
      message: `The body must be a JSON object, such as ${shapes}.`,
      fields: [],
    });
  });

  test.each([
    ['{}', 'none'],
    ['{"features": [[1, 2]], "instances": [{"a": 1, "b": 2}]}', '"features" and "instances"'],
    ['{"features": [[1, 2]], "secret": 1}', '"features" and 1 unknown key'],
    ['{"secret": [[1, 2]], "__proto__": 1}', '2 unknown keys'],
  ])('is refused when it is %s', (body, found) => {
    expect(parse(body)).toEqual({
      status: 400,
      code: 'invalid_input',
      message: `The body must be ${shapes}.`,
      fields: [
        {
          path: 'body',
          message: `expected exactly one of "features" and "instances", and "interval" at most; found ${found}`,
        },
      ],
    });
  });

  test.each([
    [null, 'null'],
    [5, 'a number'],
    ['secret', 'text'],
    [{}, 'an object'],
    [true, 'a boolean'],
    [[], 'an empty one'],
  ])('is refused when features or instances are %j', (value, kind) => {
    expect(parse({features: value})).toEqual(
      fault('features', `expected a list of rows, each with 2 numbers (a, b); found ${kind}`),
    );
    expect(parse({instances: value})).toEqual(
      fault('instances', `expected a list of objects, each with a, b; found ${kind}`),
    );
  });
});

describe('a row', () => {
  test.each([
    ['"secret"', 'text'],
    ['"1"', 'text'],
    ['null', 'null'],
    ['true', 'a boolean'],
    ['[1]', 'a list'],
    ['{"secret": 1}', 'an object'],
    ['1e999', 'a number too large for a double'],
    ['-1e999', 'a number too large for a double'],
  ])('is refused with %s in place of a number', (value, kind) => {
    expect(parse(`{"features": [[1, 2], [3, ${value}]]}`)).toEqual(
      fault('features[1][1]', `expected a number (b), found ${kind}`),
    );
    expect(parse(`{"instances": [{"a": 1, "b": 2}, {"a": 3, "b": ${value}}]}`)).toEqual(
      fault('instances[1].b', `expected a number, found ${kind}`),
    );
  });

  test('is refused with the wrong width', () => {
    expect(
      parse({
        features: [
          [1, 2],
          [1, 2, 3],
        ],
      }),
    ).toEqual(fault('features[1]', 'expected 2 numbers (a, b), found 3'));
    expect(parse({features: [[]]})).toEqual(fault('features[0]', 'expected 2 numbers (a, b), found 0'));
    expect(parse({features: [1]})).toEqual(fault('features', 'expected 2 numbers (a, b), found 1'));
  });

  test('is refused when it is no list', () => {
    expect(parse({features: [[1, 2], 'secret']})).toEqual(
      fault('features[1]', 'expected 2 numbers (a, b), found text'),
    );
    expect(parse({instances: [[1, 2]]})).toEqual(
      fault('instances[0]', 'expected an object with a, b; found a list'),
    );
  });

  test('is named without an index when it stands alone', () => {
    expect(parse({features: [1, 'secret']})).toEqual(
      fault('features[1]', 'expected a number (b), found text'),
    );
  });

  test('is refused with a feature missing', () => {
    expect(parse({instances: [{a: 1}]})).toEqual(fault('instances[0].b', 'expected a number, found none'));
  });

  test('is refused with unknown features, which are counted but not named', () => {
    expect(parse({instances: [{a: 1, b: 2, secret: 3}]})).toEqual(
      fault('instances[0]', 'expected only a, b; found 1 unknown key'),
    );
    expect(parse('{"instances": [{"a": 1, "b": 2, "__proto__": 3, "B": 4}]}')).toEqual(
      fault('instances[0]', 'expected only a, b; found 2 unknown keys'),
    );
  });

  test('is refused with an object for a number, even one that JavaScript could not make a number of', () => {
    expect(parse('{"instances": [{"a": {"toString": 1, "valueOf": 1}, "b": 2}]}')).toEqual(
      fault('instances[0].a', 'expected a number, found an object'),
    );
  });

  test('has its fields named as JavaScript would', () => {
    expect(parse({instances: [{}]}, {features: ['petal width', 'x"y']})).toMatchObject({
      fields: [{path: 'instances[0]["petal width"]'}, {path: 'instances[0]["x\\"y"]'}],
    });
  });
});

describe('many faults', () => {
  test('are all counted, the first 20 in full', () => {
    const rejected = parse({features: Array.from({length: 30}, () => ['secret', 1])});
    expect(rejected).toMatchObject({
      code: 'invalid_input',
      message: '30 values are not what this model expects (the first 20 are listed).',
    });
    expect(rejected).toHaveProperty('fields.length', 20);
    expect(rejected).toHaveProperty('fields.19', {
      path: 'features[19][0]',
      message: 'expected a number (a), found text',
    });
  });

  test('are told in a readable length for a model with many features', () => {
    const features = Array.from({length: 1000}, (_, i) => `x${i}`);
    expect(parse({features: [[1]]}, {features})).toEqual(
      fault(
        'features[0]',
        'expected 1000 numbers (x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, … 988 more), found 1',
      ),
    );
  });
});

describe('one of a thing is told in the singular', () => {
  const one = {features: ['a'], maxRows: 1};

  test.each([
    [{features: []}, 'features', 'expected a list of rows, each with 1 number (a); found an empty one'],
    [{features: [[1, 2]]}, 'features[0]', 'expected 1 number (a), found 2'],
  ])('%j', (body, path, message) => {
    expect(parse(body, one)).toEqual(fault(path, message));
  });

  test('too many rows', () => {
    expect(parse({features: [[1], [2]]}, one)).toMatchObject({
      fields: [{path: 'features', message: 'expected at most 1 row, found 2'}],
    });
  });
});

describe('too many rows', () => {
  test.each(['features', 'instances'])('in %s are refused before they are looked at', key => {
    expect(parse({[key]: Array.from({length: 101}, () => ['secret'])})).toEqual({
      status: 413,
      code: 'too_many_rows',
      message: 'The request has too many rows. Send at most 100 at a time.',
      fields: [{path: key, message: 'expected at most 100 rows, found 101'}],
    });
    expect(parse({features: Array.from({length: 100}, () => [1, 2])})).toHaveProperty('rows');
  });
});
