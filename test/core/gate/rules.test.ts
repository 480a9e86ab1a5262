import {expect, test} from 'vitest';
import {chooseRules, dropImageRules} from '../../../pipeline/core/gate/rules.ts';

const declared = [
  {metric: 'mse', max: 0.2},
  {metric: 'r2', min: 0.9},
  {metric: 'mae', max: 1},
];

test('asks for better than the mean where nothing is declared', () => {
  const beatMean = [{metric: 'baseline.ratio', max: 1, from: 'default'}];
  expect(chooseRules(undefined, {}).rules).toEqual(beatMean);
  expect(chooseRules({rules: []}, {}).rules).toEqual(beatMean);
});

test('takes the declared rules, and says where each is from', () => {
  expect(chooseRules({rules: declared, champion: {metric: 'mse', maxIncrease: 0}}, {})).toEqual({
    rules: declared.map(rule => ({...rule, from: 'descriptor'})),
    champion: {metric: 'mse', maxIncrease: 0},
  });
});

test('puts the limits of the command line in the place of declared ones', () => {
  expect(chooseRules({rules: declared}, {maxMse: 0.1}).rules).toEqual([
    {metric: 'mse', max: 0.1, from: '--max-mse'},
    {metric: 'r2', min: 0.9, from: 'descriptor'},
    {metric: 'mae', max: 1, from: 'descriptor'},
  ]);
  expect(chooseRules({rules: declared}, {minR2: 0.5}).rules).toEqual([
    {metric: 'r2', min: 0.5, from: '--min-r2'},
    {metric: 'mse', max: 0.2, from: 'descriptor'},
    {metric: 'mae', max: 1, from: 'descriptor'},
  ]);
  expect(chooseRules(undefined, {minR2: 0.5}).rules).toEqual([{metric: 'r2', min: 0.5, from: '--min-r2'}]);
});

test('drops the rules that only a tested image can meet', () => {
  const rules = ['smoke.p99Ms', 'mse@class=smoke', 'image.sizeMiB', 'condition'].map(metric => ({
    metric,
    max: 1,
  }));
  expect(dropImageRules(rules).map(({metric}) => metric)).toEqual(['mse@class=smoke', 'condition']);
});
