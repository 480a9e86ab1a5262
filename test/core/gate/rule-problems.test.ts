import {expect, test} from 'vitest';
import {parseDescriptor} from '../../../pipeline/core/dataset/descriptor.ts';
import {listRuleProblems} from '../../../pipeline/core/gate/rule-problems.ts';

const houses = {
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

const parse = (changes: object) =>
  parseDescriptor(JSON.stringify({...houses, ...changes}), 'houses.json', listRuleProblems);

/** The problems that are listed of the houses' descriptor with some keys replaced. */
function listProblems(changes: object): string[] {
  try {
    parse(changes);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message.split('\n').slice(1);
  }
  return [];
}

test('a rule names a metric that exists, and a limit', () => {
  const rules = [
    {metric: 'mes', max: 1},
    {metric: 'mse.pric', max: 1},
    {metric: 'mse'},
    {metric: 'smoke.p99ms', max: 5},
    {metric: 'cv.mse', max: 5},
    {metric: 'mse@twon=Rome', max: 5},
    {metric: 'mse@town=', max: 5},
    {metric: 'mse@area=1', max: 5},
    {metric: 'r2', min: 2, max: 1},
  ];
  expect(listProblems({gate: {rules}})).toEqual([
    '  gate.rules[0].metric: expected the name of a metric, found "mes". The nearest are "mse", "mae", "rmse".',
    '  gate.rules[1].metric: expected the name of a metric, found "mse.pric". The nearest are "mse.price", "rmse.price", "mae.price".',
    '  gate.rules[2]: expected "min", "max" or both, found neither',
    '  gate.rules[3].metric: expected the name of a metric, found "smoke.p99ms". The nearest are "smoke.p99Ms", "smoke.p50Ms", "smoke.startupMs".',
    '  gate.rules[4].metric: expected the name of a metric, found "cv.mse". The nearest are "rmse", "mse", "cv.mse.sd".',
    '  gate.rules[5].metric: expected the name of a metric, found "mse@twon=Rome". The nearest are "mse@town=Rome", "rmse@town=Rome", "mae@town=Rome".',
    '  gate.rules[6].metric: expected the name of a metric, found "mse@town=". The nearest are "mse", "mse.price", "rmse".',
    '  gate.rules[7].metric: expected the name of a metric, found "mse@area=1". The nearest are "mse@town=1", "rmse@town=1", "mae@town=1".',
    '  gate.rules[8]: expected min to be at most max, found min 2 and max 1',
  ]);
});

test('a rule may name any value of a category that declares none, else those that it declares', () => {
  const rules = ['mse@town=Rome', 'bias.price@town=a.b=c@d'].map(metric => ({metric, max: 1}));
  expect(parse({gate: {rules}}).gate.rules).toEqual(rules);
  const columns = [...houses.columns.slice(0, 2), {name: 'town', type: 'category', values: ['Rom', 'Bonn']}];
  expect(listProblems({columns, gate: {rules: rules.slice(0, 1)}})).toEqual([
    '  gate.rules[0].metric: expected the name of a metric, found "mse@town=Rome". The nearest are "mse@town=Rom", "rmse@town=Rom", "mae@town=Rom".',
  ]);
});

test('the champion is compared in an error of the model', () => {
  expect(listProblems({gate: {champion: {metric: 'r2', maxIncrease: 0}}})).toEqual([
    '  gate.champion.metric: expected one of rmse, mse, mae, rmse.price, mse.price, mae.price; found "r2".',
  ]);
  expect(listProblems({gate: {champion: {metric: 'mes', maxIncrease: 0}}})).toEqual([
    '  gate.champion.metric: expected one of rmse, mse, mae, rmse.price, mse.price, mae.price; found "mes". Did you mean "mse"?',
  ]);
  expect(listProblems({gate: {champion: {metric: 'mse', maxIncrease: -1}}})).toEqual([
    '  gate.champion.maxIncrease: expected a number of at least 0, found -1',
  ]);
});

test('problems of the gate are listed with those of the other parts', () => {
  expect(listProblems({features: ['aera'], gate: {rules: [{metric: 'mse'}]}})).toEqual([
    '  features[0]: "aera" is not among the columns. Did you mean "area"?',
    '  gate.rules[0]: expected "min", "max" or both, found neither',
  ]);
});
