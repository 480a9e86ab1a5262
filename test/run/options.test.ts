import {describe, expect, test} from 'vitest';
import {parseArguments} from '../../pipeline/run/options.ts';
import {failureOf} from '../helpers/failure-of.ts';

const parse = (...args: string[]) => {
  const invocation = parseArguments(args);
  if (invocation.kind !== 'run') throw new Error('expected a run');
  return invocation.options;
};
const explain = (...args: string[]) => {
  const {kind, message, fix} = failureOf(() => parseArguments(args));
  return {kind, message, fix};
};

describe('the command line', () => {
  test('has defaults for everything', () => {
    expect(parse('pipeline')).toEqual({
      command: 'pipeline',
      dataset: 'data/iris.json',
      artifacts: 'artifacts',
      dropMissing: false,
      json: false,
    });
  });

  test('takes a CSV with several targets', () => {
    expect(
      parse(
        'train',
        '--csv',
        'a.csv',
        '--target',
        'y',
        '--target',
        'z',
        '--features',
        'a, b',
        '--missing',
        'NA,?',
        '--seed',
        '7',
      ),
    ).toMatchObject({
      csv: 'a.csv',
      target: ['y', 'z'],
      features: ['a', 'b'],
      missing: ['NA', '?'],
      seed: 7,
    });
  });

  test('takes features as lists of CSV, one option after the other', () => {
    expect(
      parse('train', '--csv', 'a.csv', '--target', 'y', '--features', '"Price, net",a', '--features', 'b'),
    ).toMatchObject({features: ['Price, net', 'a', 'b']});
  });

  test.each([
    ['2026-05-03', '2026-05-03T23:59:59.999Z'],
    ['2028-02-29', '2028-02-29T23:59:59.999Z'],
    ['2026-05-03T14:30', '2026-05-03T14:30:00.000Z'],
    ['2026-05-03T14:30:05.5Z', '2026-05-03T14:30:05.500Z'],
  ])('asks for the history at %s', (text, time) => {
    expect(parse('history', '--at', text).at?.toISOString()).toBe(time);
  });

  test.each(['2026-02-31', '2026-02-29', '2026-05-03T25:00', '2026-5-3', 'yesterday', ''])(
    'knows no time such as %j',
    text => {
      const {kind, message} = explain('history', '--at', text);
      expect({kind, message}).toEqual({
        kind: 'usage',
        message: expect.stringContaining(
          `Expected a date such as 2026-05-03 or 2026-05-03T14:30, found ${JSON.stringify(text)}.`,
        ),
      });
    },
  );

  test.each([
    ['pipeline', ['npm run pipeline -- ', '4 rejected by smoke test or gate', 'REGISTRY', 'CHANNEL']],
    ['serve', ['npm run serve -- ', 'PORT', 'MODEL_PATH']],
  ] as const)('helps %s with an example and what else decides', (command, texts) => {
    const help = parseArguments([command, '--help']);
    for (const text of texts) expect(help.kind === 'help' && help.text).toContain(text);
  });

  test('prints help to stdout, listing every option of a command', () => {
    const help = parseArguments(['pipeline', '--help']);
    expect(help.kind).toBe('help');
    for (const option of [
      '--dataset',
      '--csv',
      '--target',
      '--features',
      '--name',
      '--missing',
      '--drop-missing',
      '--test-size',
      '--seed',
      '--max-mse',
      '--min-r2',
      '--artifacts',
      '--json',
    ]) {
      expect(help.kind === 'help' && help.text).toContain(option);
    }
  });

  test.each([
    [[], 'No command was given.', 'pipeline -- '],
    [['trian'], "unknown command 'trian'\n(Did you mean train?)", 'pipeline -- '],
    [['train', '--sede', '1'], "unknown option '--sede'\n(Did you mean --seed?)", 'train -- '],
    [['train', '--seed'], "option '--seed <integer>' argument missing", 'train -- '],
    [
      ['train', '--seed', '-1'],
      `option '--seed <integer>' argument '-1' is invalid. Expected a whole number from 0 to 4294967295, found "-1".`,
      'train -- ',
    ],
    [
      ['train', '--seed', '1.5'],
      `option '--seed <integer>' argument '1.5' is invalid. Expected a whole number from 0 to 4294967295, found "1.5".`,
      'train -- ',
    ],
    [
      ['train', '--seed', '4294967296'],
      `option '--seed <integer>' argument '4294967296' is invalid. Expected a whole number from 0 to 4294967295, found "4294967296".`,
      'train -- ',
    ],
    [
      ['train', '--test-size', '1'],
      `option '--test-size <share>' argument '1' is invalid. Expected a number over 0 and under 1, found "1".`,
      'train -- ',
    ],
    [
      ['gate', '--max-mse', 'low'],
      `option '--max-mse <mse>' argument 'low' is invalid. Expected a number of at least 0, found "low".`,
      'gate -- ',
    ],
    [
      ['rollback', '--to', 'no such/tag'],
      `option '--to <tag>' argument 'no such/tag' is invalid. Expected a tag or digest from npm run history, or previous, found "no such/tag".`,
      'rollback -- ',
    ],
    [
      ['train', '--csv', 'a.csv', '--target', 'y', '--features', '"a,b'],
      `option '--features <a,b,c>' argument '"a,b' is invalid. Expected names separated by commas, one with a comma in double quotes ('"a,b",c'), found "\\"a,b".`,
      'train -- ',
    ],
    [['gate', '--csv', 'a.csv'], '--csv needs --target: the column to predict.', 'gate -- '],
    [['train', 'extra'], "too many arguments for 'train'. Expected 0 arguments but got 1.", 'train -- '],
    [['train', '--csv', 'a.csv'], '--csv needs --target: the column to predict.', 'train -- '],
    [
      ['train', '--target', 'y'],
      '--target goes with --csv; a descriptor (--dataset) says it itself.',
      'train -- ',
    ],
    [
      ['train', '--csv', 'a.csv', '--target', 'y', '--dataset', 'b.json'],
      "option '--csv <file|url>' cannot be used with option '--dataset <file>'",
      'train -- ',
    ],
  ])('refuses %j', (args, message, command) => {
    expect(explain(...args)).toEqual({
      kind: 'usage',
      message,
      fix: `npm run ${command}--help lists what there is.`,
    });
  });
});
