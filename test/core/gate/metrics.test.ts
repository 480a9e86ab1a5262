import {readFile, writeFile} from 'node:fs/promises';
import {describe, expect, test} from 'vitest';
import {compareWithChampion} from '../../../pipeline/core/champion/comparison.ts';
import {makeJsonSchema, parseDescriptor} from '../../../pipeline/core/dataset/descriptor.ts';
import {pickRows} from '../../../pipeline/core/dataset/split.ts';
import {evaluateModel} from '../../../pipeline/core/evaluation/evaluate-model.ts';
import {Evaluation} from '../../../pipeline/core/evaluation/evaluation.ts';
import {pickMetrics} from '../../../pipeline/core/evaluation/metrics.ts';
import {judge} from '../../../pipeline/core/gate/judge.ts';
import {listOtherScores, measure} from '../../../pipeline/core/gate/measure.ts';
import {describeMetrics} from '../../../pipeline/core/gate/metric-words.ts';
import {type Metric, metrics} from '../../../pipeline/core/gate/metrics.ts';
import {listMetricNames} from '../../../pipeline/core/gate/name-metrics.ts';
import {listRuleProblems} from '../../../pipeline/core/gate/rule-problems.ts';
import {assembleContent} from '../../../pipeline/core/release/artifact-content.ts';
import {type Artifact, sealArtifact} from '../../../serve/artifact/artifact.ts';
import {image} from '../../helpers/gate-evidence.ts';
import {fitIris} from '../../helpers/iris-model.ts';

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
  const mape: Metric = {
    name: 'mape',
    scope: 'test rows',
    unit: null,
    better: 'lower',
    compared: true,
    description: 'mean absolute error, relative to the actual value',
    compute: (errors, actual) =>
      actual.includes(0)
        ? null
        : errors.reduce((sum, error, i) => sum + Math.abs(error / (actual[i] ?? 0)), 0) / errors.length,
  };
  const table = [...metrics, mape];
  const iris = fitIris(['sepal_length', 'sepal_width', 'petal_width'], ['petal_length']);
  const irisEvaluation = evaluateModel({...iris, others: listOtherScores(table)});
  // from scikit-learn's coefficients and test rows, summed up by hand in Python
  const onAll = expect.closeTo(0.08729501332472707, 12);
  const onSetosa = expect.closeTo(0.14760172227742674, 12);

  test('is computed over all targets, per target and on the rows of a category, and kept in metrics.json', () => {
    const kept = Evaluation.parse(JSON.parse(JSON.stringify(irisEvaluation)));
    const found = measure({evaluation: kept}, table).filter(({metric}) => metric === mape);
    const setosa = {column: 'class', value: 'Iris-setosa', rows: 10};
    expect(found.filter(({group}) => group === null || group.value === 'Iris-setosa')).toEqual([
      {name: 'mape', metric: mape, target: null, group: null, value: onAll},
      {name: 'mape.petal_length', metric: mape, target: 'petal_length', group: null, value: onAll},
      {name: 'mape@class=Iris-setosa', metric: mape, target: null, group: setosa, value: onSetosa},
      {
        name: 'mape.petal_length@class=Iris-setosa',
        metric: mape,
        target: 'petal_length',
        group: setosa,
        value: onSetosa,
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
        rules: [{metric: 'mape.height', max: 1}],
        champion: {metric: 'mape', maxIncrease: 0.1},
      },
    };
    const read = () =>
      parseDescriptor(JSON.stringify(descriptor), 'trees.json', parts => listRuleProblems(parts, table));
    expect(read().gate).toEqual(descriptor.gate);
  });

  test('is judged, also beside the champion', () => {
    const champion = modelOf(iris, irisEvaluation);
    const rows = pickRows(iris.table.features, iris.split.test);
    const comparison = compareWithChampion({
      champion,
      reference: {reference: 'r', digest: `sha256:${'d'.repeat(64)}`, tag: 't', version: champion.version},
      challenger: champion,
      testRows: {features: rows, targets: pickRows(iris.table.targets, iris.split.test)},
      testIndices: iris.split.test,
      others: listOtherScores(table),
    });
    const rules = {rules: [{metric: 'mape', max: 0.05}], champion: {metric: 'mape', maxIncrease: 0}};
    expect(judge(rules, {evaluation: irisEvaluation, image, comparison}, table).rules).toEqual([
      {metric: 'mape', value: onAll, max: 0.05, passed: false},
      {metric: 'champion.mape.increase', value: 0, max: 0, passed: true},
    ]);
  });

  test("is in the descriptor's schema and in the README's table", () => {
    const words = JSON.stringify(makeJsonSchema(describeMetrics(table)));
    expect(words).toContain('r2, bias, mape, each also per target');
    expect(words).toContain('An error of the model: rmse, mse, mae, mape, or one of them per target');
    expect(renderMetricTable(table)).toContain(
      '| `mape` | test rows |  | lower | mean absolute error, relative to the actual value |',
    );
  });
});

/** The artifact of a fit. */
function modelOf(
  {descriptor, table, split, model}: ReturnType<typeof fitIris>,
  evaluation: Evaluation,
): Artifact {
  const data = {sha256: 'e'.repeat(64), url: null};
  const made = {descriptor, data, table, split, model, metrics: pickMetrics(evaluation), libraries: {}};
  return sealArtifact(assembleContent(made)).artifact;
}

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
