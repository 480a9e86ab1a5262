import {readFile, writeFile} from 'node:fs/promises';
import {describe, expect, test} from 'vitest';
import {makeJsonSchema, parseDescriptor} from '../../../pipeline/core/dataset/descriptor.ts';
import {judge} from '../../../pipeline/core/gate/judge.ts';
import {measure} from '../../../pipeline/core/gate/measure.ts';
import {describeMetrics} from '../../../pipeline/core/gate/metric-words.ts';
import {type Metric, metrics} from '../../../pipeline/core/gate/metrics.ts';
import {listChampionMetricNames, listMetricNames} from '../../../pipeline/core/gate/name-metrics.ts';
import {listRuleProblems} from '../../../pipeline/core/gate/rule-problems.ts';
import {evaluation, image} from '../../helpers/gate-evidence.ts';

test('metrics exist over all targets, for each, and for each declared category', () => {
  const scores = ['rmse', 'mse', 'mae', 'medianAbsoluteError', 'maxError', 'r2', 'bias'];
  const ofPrice = scores.map(score => `${score}.price`);
  const subject = {targets: ['price'], categories: [{name: 'town', values: ['Rome']}, {name: 'kind'}]};
  expect(listMetricNames(subject)).toEqual([
    ...[
      'rmse',
      'mse',
      'mse.ci.lower',
      'mse.ci.upper',
      'mae',
      'medianAbsoluteError',
      'maxError',
      'r2',
      'bias',
    ],
    ...['cv.mse.mean', 'cv.mse.sd', 'baseline.mse', 'baseline.ratio'],
    ...['adjustedR2', 'adjustedR2.price', 'residualStandardError', 'residualStandardError.price'],
    ...['vif.max', 'condition', 'image.layerMiB', 'image.sizeMiB'],
    ...['smoke.startupMs', 'smoke.p50Ms', 'smoke.p99Ms'],
    ...ofPrice,
    ...[...scores, ...ofPrice].map(score => `${score}@town=Rome`),
  ]);
  const several = listMetricNames({targets: ['price', 'rent'], categories: []});
  expect(several.filter(name => name.startsWith('adjustedR2'))).toEqual([
    'adjustedR2.price',
    'adjustedR2.rent',
  ]);
});

describe('a metric that is one more row of the table', () => {
  const excess: Metric = {
    name: 'excess',
    scope: 'test rows',
    unit: 'target',
    better: 'lower',
    compared: true,
    description: 'largest less mean absolute error',
    value: ({maxError, mae}) => (maxError === undefined || mae === undefined ? undefined : maxError - mae),
  };
  const table = [...metrics, excess];

  test('is measured over all targets, per target and on the rows of a category', () => {
    const found = measure({evaluation}, table).filter(({metric}) => metric === excess);
    // 0.8 − 0.4, as the scores of helpers/gate-evidence.ts are
    expect(found).toEqual([
      {name: 'excess', metric: excess, target: null, group: null, value: 0.4},
      {name: 'excess.height', metric: excess, target: 'height', group: null, value: 0.4},
      {
        name: 'excess@size=tall',
        metric: excess,
        target: null,
        group: {column: 'size', value: 'tall', rows: 1},
        value: 0.4,
      },
      {
        name: 'excess.height@size=tall',
        metric: excess,
        target: 'height',
        group: {column: 'size', value: 'tall', rows: 1},
        value: 0.4,
      },
    ]);
  });

  test('may be named by a descriptor, for a rule and for the champion', () => {
    const descriptor = {
      name: 'trees',
      source: {file: 'trees.csv'},
      columns: ['girth', 'height'].map(name => ({name, type: 'number'})),
      features: ['girth'],
      targets: ['height'],
      gate: {
        rules: [{metric: 'excess.height', max: 1}],
        champion: {metric: 'excess', maxIncrease: 0.1},
      },
    };
    const read = () =>
      parseDescriptor(JSON.stringify(descriptor), 'trees.json', parts => listRuleProblems(parts, table));
    expect(read().gate).toEqual(descriptor.gate);
    expect(listChampionMetricNames(['height'], table)).toContain('excess.height');
  });

  test('is judged', () => {
    const rules = [{metric: 'excess', max: 0.3}];
    const verdict = judge({rules}, {evaluation, image, comparison: {status: 'none'}}, table);
    expect(verdict.rules).toEqual([{metric: 'excess', value: 0.4, max: 0.3, passed: false}]);
  });

  test("is in the descriptor's schema and in the README's table", () => {
    const words = JSON.stringify(makeJsonSchema(describeMetrics(table)));
    expect(words).toContain('r2, bias, excess, each also per target');
    expect(words).toContain('An error of the model: rmse, mse, mae, excess, or one of them per target');
    expect(renderMetricTable(table)).toContain(
      "| `excess` | test rows | the target's | lower | largest less mean absolute error |",
    );
  });
});

test("the README's table of metrics is made from the table (UPDATE_README=1 npx vitest run … rewrites it)", async () => {
  const readme = await readFile('README.md', 'utf8');
  const [found = ''] = /^\| a rule's metric .*\n(\|.*\n)+/m.exec(readme) ?? [];
  const wanted = renderMetricTable();
  if (process.env.UPDATE_README === '1')
    await writeFile(
      'README.md',
      readme.replace(found, () => wanted),
    );
  else expect(found).toBe(wanted);
});

function renderMetricTable(table = metrics): string {
  const units = {target: "the target's", 'target squared': 'its square', MiB: 'MiB', ms: 'ms'};
  const scopes = {
    'test rows': 'test rows',
    evaluation: 'model',
    fit: 'fit',
    'target fit': "target's fit",
    image: 'image',
  };
  const rows = table.map(({name, scope, unit, better, description}) => {
    const cells = [`\`${name}\``, scopes[scope], unit === null ? '' : units[unit], better ?? '', description];
    return `| ${cells.join(' | ')} |`;
  });
  return `| a rule's metric | of | unit | better | what it is |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
}
