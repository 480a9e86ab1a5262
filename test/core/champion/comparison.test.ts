import {describe, expect, test} from 'vitest';
import {Comparison, compareWithChampion} from '../../../pipeline/core/champion/comparison.ts';
import {splitRows} from '../../../pipeline/core/dataset/split.ts';
import {type Artifact, type ArtifactContent, sealArtifact} from '../../../serve/artifact/artifact.ts';
import {readIrisMeasurements} from '../../helpers/iris-rows.ts';
import {irisContent, pairContent, planeContent} from '../../helpers/server-artifact.ts';

const reference = {
  reference: '127.0.0.1:5000/iris',
  digest: `sha256:${'d'.repeat(64)}`,
  tag: 'ba9876543210-76543210',
  version: 'ba9876543210',
};

/** A model like `content`, with other features, targets or provenance. */
function modelOf(content: ArtifactContent, change: Partial<ArtifactContent> = {}): Artifact {
  return sealArtifact({...content, heldOut: [], ...change}).artifact;
}

/** The line y = intercept + slope · a, for a target and a feature of any name. */
function lineOf(intercept: number, slope: number, {feature = 'a', target = 'y', unit = 'm'} = {}): Artifact {
  const [first] = planeContent().features;
  return modelOf(planeContent(), {
    features: [{...first, name: feature, unit, mean: 1, scale: 0.5, min: 0, max: 2}],
    targets: [{name: target, unit: null, intercept, coefficients: [slope]}],
    metrics: {...planeContent().metrics, targets: {[target]: {mse: 0, rmse: 0, mae: 0, r2: 1}}},
  });
}

function compare(champion: Artifact, challenger: Artifact, features: number[][], targets: number[][]) {
  const testIndices = features.map((_, i) => i);
  return compareWithChampion({champion, reference, challenger, testRows: {features, targets}, testIndices});
}

function requireCompared(comparison: Comparison) {
  if (comparison.status !== 'compared') throw new Error(JSON.stringify(comparison));
  return comparison;
}

// Oracle: scikit-learn 1.9.1 (train_test_split, LinearRegression, metrics) and SciPy 1.17.1
// (stats.ttest_rel(challenger, champion).confidence_interval(0.95)) on the rows of data/iris.data.
describe('two iris models, of seeds 42 and 7, on the test rows of seed 7', () => {
  const rows = readIrisMeasurements();
  const indices = splitRows(150, {testSize: 0.2, seed: 7}).test;
  const testRows = {
    features: indices.map(row => [0, 1, 3].map(column => rows[row]?.[column] ?? Number.NaN)),
    targets: indices.map(row => [rows[row]?.[2] ?? Number.NaN]),
  };
  const provenanceOf = (seed: number) => ({
    ...irisContent().provenance,
    dataset: {sha256: 'ab'.repeat(32), rows: 150, url: null},
    split: {testSize: 0.2, seed, train: 120, test: 30},
  });
  const means = [5.83333333333333, 3.059166666666667, 1.165833333333333];
  const challengerContent: ArtifactContent = {
    ...irisContent(),
    features: irisContent().features.map((feature, j) => ({...feature, mean: means[j] ?? 0})),
    targets: [
      {
        name: 'petal_length',
        unit: 'cm',
        intercept: -0.3175013788025889,
        coefficients: [0.7711735038613837, -0.6959352578488525, 1.3921125511769556],
      },
    ],
    provenance: provenanceOf(7),
  };
  const champion = modelOf(irisContent(), {provenance: provenanceOf(42)});
  const compareTo = (champion: Artifact, change: Partial<ArtifactContent> = {}) =>
    compareWithChampion({
      champion,
      reference,
      challenger: modelOf(challengerContent, change),
      testRows,
      testIndices: indices,
    });

  test('have the scores and the paired interval of scikit-learn and SciPy', () => {
    const comparison = requireCompared(compareTo(champion));
    expect(comparison.champion).toEqual(reference);
    expect(comparison.metrics).toMatchObject({
      mse: expect.closeTo(0.09633040320820406, 13),
      rmse: expect.closeTo(0.3103713956024364, 13),
      mae: expect.closeTo(0.25477844092324264, 13),
      r2: expect.closeTo(0.9599283759695207, 13),
      baseline: {mse: expect.closeTo(2.578958333333333, 12)},
    });
    expect(comparison.difference).toEqual({
      of: 'squared error',
      mean: expect.closeTo(0.015019896270754103, 13),
      interval: {
        level: 0.95,
        low: expect.closeTo(-0.00022097732234484593, 12),
        high: expect.closeTo(0.03026076986385305, 12),
      },
      rows: 30,
    });
    expect(comparison.ownFeatures).toEqual({champion: [], challenger: []});
    expect(Comparison.parse(JSON.parse(JSON.stringify(comparison)))).toEqual(comparison);
  });

  test('are not compared where the champion is of a format that this program cannot read', () => {
    const problem = 'model.json has format 9, and this server reads format 1';
    expect(
      compareWithChampion({
        champion: {problem},
        reference,
        challenger: modelOf(challengerContent),
        testRows,
        testIndices: indices,
      }),
    ).toEqual({status: 'incomparable', champion: reference, reasons: [`model: ${problem}`]});
  });

  // counted with train_test_split
  test.each([
    {split: {testSize: 0.2, seed: 42, train: 120, test: 30}, rows: 28},
    {split: {testSize: 0.5, seed: 3, train: 75, test: 75}, rows: 18},
    {split: {testSize: 0.2, seed: 7, train: 120, test: 30}, rows: 0},
  ])('share $rows rows with a champion whose split was $split', ({split, rows}) => {
    const comparison = compareTo(modelOf(irisContent(), {provenance: {...provenanceOf(42), split}}));
    expect(requireCompared(comparison).overlap).toEqual({rows, reason: null});
  });

  test.each([
    {
      dataset: {sha256: 'cd'.repeat(32), rows: 150, url: null},
      reason: "the champion was trained on other data (sha256 cdcdcdcdcdcd…; today's: sha256 abababababab…)",
    },
    {
      dataset: {sha256: 'ab'.repeat(32), rows: 140, url: null},
      reason: 'other rows of the same data were used (140 rows before, 150 today)',
    },
    {
      split: {testSize: 0.3, seed: 42, train: 120, test: 30},
      reason: "the champion's recorded split is not one that this program makes",
    },
    {
      split: {testSize: 0.2, seed: 2 ** 32, train: 120, test: 30},
      reason: "the champion's recorded split is not one that this program makes",
    },
  ])('cannot be told to share rows when $reason', ({reason, ...change}) => {
    const comparison = compareTo(modelOf(irisContent(), {provenance: {...provenanceOf(42), ...change}}));
    expect(requireCompared(comparison).overlap).toEqual({rows: null, reason});
  });

  // sepal_width alone against all three features: the rows still hold the champion's other columns
  test('are compared when today uses fewer features, if the rows hold the others', () => {
    const [length, width, petal] = challengerContent.features;
    const values = (column: number) => testRows.features.map(row => row[column] ?? null);
    if (length === undefined || width === undefined || petal === undefined) throw new Error('three features');
    const challenger = modelOf(challengerContent, {
      features: [width],
      targets: [
        {name: 'petal_length', unit: 'cm', intercept: 9.262895742809945, coefficients: [-1.8266071619100883]},
      ],
    });
    const comparison = compareWithChampion({
      champion,
      reference,
      challenger,
      testRows: {
        features: testRows.features.map(row => [row[1] ?? 0]),
        targets: testRows.targets,
        others: [
          {name: 'sepal_length', unit: 'cm', values: values(0)},
          {name: 'petal_width', unit: 'cm', values: values(2)},
        ],
      },
      testIndices: indices,
    });
    expect(comparison).toMatchObject({
      metrics: {mse: expect.closeTo(0.09633040320820406, 13)},
      difference: {
        mean: expect.closeTo(2.2724308972492, 12),
        interval: {low: expect.closeTo(1.088784122458204, 11), high: expect.closeTo(3.4560776720401964, 11)},
      },
      ownFeatures: {champion: ['sepal_length', 'petal_width'], challenger: []},
    });
  });
});

describe('a comparison', () => {
  // Closed formula: y = 0 everywhere; the challenger answers 1, 2, 3 and the champion 0, 0, 3.
  // Differences 1, 4, 0: mean 5/3, s² = ((2/3)² + (7/3)² + (5/3)²) / 2 = 13/3, t(0.975, 2) = 4.302652729749462.
  test('is challenger minus champion, row by row', () => {
    const champion = modelOf(planeContent(), {
      targets: [{name: 'y', unit: null, intercept: 0, coefficients: [0, 1]}],
    });
    const challenger = modelOf(planeContent(), {
      targets: [{name: 'y', unit: null, intercept: 0, coefficients: [1, 0]}],
    });
    const features = [
      [1, 0],
      [2, 0],
      [3, 3],
    ];
    const {difference, metrics} = requireCompared(compare(champion, challenger, features, [[0], [0], [0]]));
    const margin = 4.302652729749462 * Math.sqrt(13 / 9);
    expect(metrics.mse).toBe(3);
    expect(difference).toEqual({
      of: 'squared error',
      mean: 5 / 3,
      interval: {
        level: 0.95,
        low: expect.closeTo(5 / 3 - margin, 12),
        high: expect.closeTo(5 / 3 + margin, 12),
      },
      rows: 3,
    });
  });

  test('has no interval on a single row', () => {
    const {difference} = requireCompared(compare(lineOf(0, 1), lineOf(1, 1), [[1]], [[1]]));
    expect(difference).toEqual({of: 'squared error', mean: 1, interval: null, rows: 1});
  });

  test('of a model with itself is exactly nothing', () => {
    const {difference} = requireCompared(
      compare(lineOf(0.1, 0.3), lineOf(0.1, 0.3), [[0.7], [2.9]], [[1], [2]]),
    );
    expect(difference).toMatchObject({mean: 0, interval: {low: 0, high: 0}});
  });

  test('finds features and targets by name, whatever their order', () => {
    const pair = pairContent();
    const [a, b] = pair.features;
    const [sum, difference] = pair.targets;
    if (a === undefined || b === undefined || sum === undefined || difference === undefined)
      throw new Error();
    // the same functions, a + b and a − b, with everything in the other order
    const champion = modelOf(pair, {
      features: [b, a],
      targets: [
        {...difference, coefficients: [-1, 1]},
        {...sum, coefficients: [1, 1]},
      ],
    });
    const rows = [
      [5, 3],
      [1, 9],
    ];
    // off by 1 in the sum and by 2 in the difference: mean squared errors 1 and 4, 2.5 over both
    const comparison = requireCompared(
      compare(champion, modelOf(pair), rows, [
        [9, 4],
        [11, -6],
      ]),
    );
    expect(comparison.metrics).toMatchObject({mse: 2.5, targets: {sum: {mse: 1}, difference: {mse: 4}}});
    expect(comparison.difference).toMatchObject({mean: 0, interval: {low: 0, high: 0}});
  });

  test.each([
    {
      what: 'another feature',
      champion: lineOf(0, 1, {feature: 'b'}),
      reason: 'features: today\'s rows lack the champion\'s "b" (the champion uses "b", today\'s model "a")',
    },
    {
      what: 'another target',
      champion: lineOf(0, 1, {target: 'z'}),
      reason: 'targets: the champion predicts "z", today\'s model "y"',
    },
    {
      what: 'another unit',
      champion: lineOf(0, 1, {unit: 'cm'}),
      reason: 'unit of "a": the champion has "cm", today "m"',
    },
    {
      what: 'errors that no double holds',
      champion: lineOf(0, 1e200),
      reason: "the champion's errors on today's test rows are too large for a number",
    },
  ])('with a champion of $what is refused, and says why', ({champion, reason}) => {
    const comparison = compare(champion, lineOf(0, 1), [[1], [2]], [[1], [2]]);
    expect(comparison).toEqual({status: 'incomparable', champion: reference, reasons: [reason]});
    expect(Comparison.parse(comparison)).toEqual(comparison);
  });

  test('is refused where the champion needs a column with gaps', () => {
    const comparison = compareWithChampion({
      champion: lineOf(0, 1, {feature: 'b'}),
      reference,
      challenger: lineOf(0, 1),
      testRows: {
        features: [[1], [2]],
        targets: [[1], [2]],
        others: [{name: 'b', unit: null, values: [1, null]}],
      },
      testIndices: [0, 1],
    });
    expect(comparison).toMatchObject({
      status: 'incomparable',
      reasons: ['features: the champion\'s "b" is missing in 1 of 2 test rows'],
    });
  });
});
