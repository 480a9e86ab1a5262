import {describe, expect, test} from 'vitest';
import type {TargetStatistics} from '../../../pipeline/core/evaluation/evaluation.ts';
import {FitStatistics} from '../../../pipeline/core/evaluation/evaluation.ts';
import {computeFitStatistics} from '../../../pipeline/core/evaluation/fit-statistics.ts';
import {fitLinearRegression} from '../../../pipeline/core/fit/regression.ts';
import longley from '../../fixtures/nist/longley.json' with {type: 'json'};
import pontius from '../../fixtures/nist/pontius.json' with {type: 'json'};
import wampler1 from '../../fixtures/nist/wampler1.json' with {type: 'json'};
import wampler3 from '../../fixtures/nist/wampler3.json' with {type: 'json'};
import {countDigits} from '../../helpers/exact-regression.ts';
import {illConditioned} from '../../helpers/ill-conditioned.ts';
import {fitIris} from '../../helpers/iris-model.ts';

// NIST Statistical Reference Datasets, certified to 15 digits.
describe('the certified values of NIST', () => {
  test.each([
    {set: longley, digits: 13.5},
    {set: pontius, digits: 13.5},
    {set: wampler3, digits: 13.5},
  ])('are found to $digits digits for $set.name', ({set, digits}) => {
    const {target} = describeOne(set.x, set.y);
    const {coefficients, standardErrors, residualStandardDeviation, rSquared, f} = set.certified;
    const agree = (found: number[], certified: number[]) =>
      expect(countDigits(found, certified)).toBeGreaterThan(digits);
    agree(estimatesOf(target), coefficients);
    agree(
      target.coefficients.map(({standardError}) => standardError),
      standardErrors,
    );
    agree([target.residualStandardError, target.r2], [residualStandardDeviation, rSquared]);
    expect(countDigits([target.f?.value ?? 0], [f])).toBeGreaterThan(set === pontius ? 12 : digits);
  });

  // certified: standard deviations 0, R² 1, F infinite
  test('are found for Wampler1, whose fit is exact', () => {
    const {target} = describeOne(wampler1.x, wampler1.y);
    expect(estimatesOf(target)).toEqual(wampler1.certified.coefficients);
    expect(target).toMatchObject({r2: 1, adjustedR2: 1, residualStandardError: expect.closeTo(0, 30)});
    expect(target.f?.value ?? Number.POSITIVE_INFINITY).toBeGreaterThan(1e30);
    for (const {estimate, standardError, lower, upper} of target.coefficients) {
      expect(standardError).toBeCloseTo(0, 30);
      expect([lower, upper]).toEqual([estimate, estimate]);
    }
  });
});

// The output of R's summary(lm(Employed ~ ., longley)), the data being in R's units.
test('what R prints for longley is found', () => {
  const units = [1, 1000, 10, 10, 1000, 1];
  const {target} = describeOne(
    longley.x.map(row => row.map((value, j) => value / (units[j] ?? 1))),
    longley.y.map(value => value / 1000),
  );
  const printed = [
    '-3.482e+03  8.904e+02  -3.911 0.003560',
    ' 1.506e-02  8.492e-02   0.177 0.863141',
    '-3.582e-02  3.349e-02  -1.070 0.312681',
    '-2.020e-02  4.884e-03  -4.136 0.002535',
    '-1.033e-02  2.143e-03  -4.822 0.000944',
    '-5.110e-02  2.261e-01  -0.226 0.826212',
    ' 1.829e+00  4.555e-01   4.016 0.003037',
  ].map(line => line.trim().split(/\s+/));
  for (const [i, {estimate, standardError, t, p}] of target.coefficients.entries()) {
    for (const [j, value] of [estimate, standardError, t, p].entries())
      expectPrinted(value, printed[i]?.[j] ?? '');
  }
  const {residualStandardError, r2, adjustedR2, f} = target;
  expectPrinted(residualStandardError, '0.3049');
  expectPrinted(r2, '0.9955');
  expectPrinted(adjustedR2, '0.9925');
  expectPrinted(f?.value, '330.3');
  expect(f).toMatchObject({numerator: 6, denominator: 9});
  expectPrinted(f?.p, '4.984e-10');
});

// statsmodels 0.15.0: OLS(…).fit() on scikit-learn's training rows (seed 42), and OLS of the standardised columns.
describe('iris as statsmodels describes it:', () => {
  test('three features and one target', () => {
    const {targets, rows, degreesOfFreedom} = computeFitStatistics(
      fitIris(['sepal_length', 'sepal_width', 'petal_width'], ['petal_length']).model,
    );
    expect({rows, degreesOfFreedom}).toEqual({rows: 120, degreesOfFreedom: 116});
    expectStatistics(targets[0], {
      overall: [0.3072551176127274, 0.9699937402690616, 0.9692177163105028],
      f: [1249.9533417377422, 4.0620695626755955e-88],
      coefficients: [
        [
          -0.25046593248646276, 0.3107582219678049, -0.8059832846913749, 0.4219016846482591,
          -0.8659617473938506, 0.36502988242092504,
        ],
        [
          0.7241730561968363, 0.06078142994973402, 11.914380046598513, 7.324507024753088e-22,
          0.6037877755717473, 0.8445583368219252,
        ],
        [
          -0.6419629967310786, 0.07183349593159126, -8.936819632757887, 7.298300989203029e-15,
          -0.7842382866207275, -0.4996877068414297,
        ],
        [
          1.4663220431585156, 0.07083143281326784, 20.701572521117352, 9.288359727359125e-41,
          1.3260314655371233, 1.6066126207799079,
        ],
      ],
      standardised: [0.3406576182225511, -0.16363769294498087, 0.6308560895000165],
    });
  });

  test('two targets, each for itself', () => {
    const {targets} = computeFitStatistics(
      fitIris(['sepal_length', 'sepal_width'], ['petal_length', 'petal_width']).model,
    );
    expect(targets.map(({target}) => target)).toEqual(['petal_length', 'petal_width']);
    expectStatistics(targets[0], {
      overall: [0.6628680873043558, 0.8591373972943976, 0.8567294895558404],
      f: [356.79830399529715, 1.6015811555840684e-50],
      coefficients: [
        [
          -2.408641541526345, 0.6315737543686855, -3.8137137980567255, 0.00022011554213412208,
          -3.659440266757269, -1.1578428162954206,
        ],
        [
          1.762201038711349, 0.07411227333478225, 23.77745222779876, 1.2759131966949946e-46,
          1.6154255649525116, 1.9089765124701863,
        ],
        [
          -1.341219294365005, 0.13677052885056498, -9.80634721263977, 6.230087071691764e-17,
          -1.6120861597977654, -1.0703524289322446,
        ],
      ],
      standardised: [0.8289554596650797, -0.34187956654941143],
    });
    expectStatistics(targets[1], {
      overall: [0.4010330519039014, 0.7214520615934126, 0.7166905583727872],
      f: [151.5177094637456, 3.362381498192248e-33],
      coefficients: [
        [
          -1.4718292063529856, 0.38210008155149666, -3.8519468521877904, 0.00019173759852754885,
          -2.2285583953183794, -0.7151000173875918,
        ],
        [
          0.7079126903654538, 0.04483768600152455, 15.788341314968475, 9.01908023045424e-31,
          0.619114002793214, 0.7967113779376935,
        ],
        [
          -0.476877709706731, 0.08274572821646269, -5.763170135613765, 6.821369396247924e-8,
          -0.640751288454334, -0.313004130959128,
        ],
      ],
      standardised: [0.7740241388959684, -0.2825396735818105],
    });
  });

  test('one feature, whose t² is F', () => {
    const {targets} = computeFitStatistics(fitIris(['petal_width'], ['petal_length']).model);
    expectStatistics(targets[0], {
      overall: [0.47751400707431757, 0.9262758349586804, 0.9256510538990081],
      f: [1482.5606836491866, 1.1759885623525975e-68],
      coefficients: [
        [
          1.0822277240547282, 0.08136347142788414, 13.301149828814177, 3.177596053973229e-25,
          0.9211058994815747, 1.2433495486278816,
        ],
        [
          2.2370167238437815, 0.05809824203335041, 38.504034641179956, 1.1759885623526233e-68,
          2.1219663874135932, 2.3520670602739697,
        ],
      ],
      standardised: [0.9624322495421068],
    });
    const [, slope] = targets[0]?.coefficients ?? [];
    expect((slope?.t ?? 0) ** 2 / (targets[0]?.f?.value ?? 0)).toBeCloseTo(1, 12);
  });
});

// Rational arithmetic on the same doubles, rounded at the end (Python's fractions and decimal). What the
// factorisation loses, it loses to the condition number: residuals and r2 come from the refinement and keep all.
describe('ill-conditioned data keep', () => {
  test.each([
    {
      name: 'powers 1 to 10 of 82 values from -8.78 to -3.13, as in NIST Filip, noisy target',
      overall: [0.3138456867910802, 1],
      f: 2.8749089467955966e19,
      standardErrors: [
        26089.16161842584, 49188.59003777844, 41153.693054299256, 20123.293871586167, 6369.97137541647,
        1364.304562969573, 200.28518329044837, 19.90701454527277, 1.2825450799342126, 0.048384654989434527,
        0.0008119808225587655,
      ],
      digits: 7.8,
    },
    {
      name: 'powers 1 to 10 of 0 to 20, noise of the size of the target',
      overall: [3781002356773.2373, 0.5792934147624842],
      f: 1.3769535231673065,
      standardErrors: [
        3777250407857.438, 20544768501435.48, 29014609115006.46, 16700357192501.707, 5055598416157.703,
        900271315091.8282, 99206526223.17009, 6843845929.406778, 287635902.50075513, 6732079.541091844,
        67248.99193257172,
      ],
      digits: 9.7,
    },
    {
      name: 'columns that differ by 1e-12, noisy target',
      overall: [0.32296119254967887, 0.7951608362373788],
      f: 72.4617402443214,
      standardErrors: [0.12381963685214331, 158909944621.7392, 158909944621.73703, 0.14568746690599074],
      digits: 4.5,
    },
    {
      name: 'columns offset by 1e8 that differ by 1e-4, noisy target',
      overall: [0.31315069346634944, 0.775291294861295],
      f: 167.3349849867303,
      standardErrors: [11117759.29052376, 1149.0618347392212, 1149.07050667234],
      digits: 13.1,
    },
  ])('$digits digits of standard errors and 15 of what the fit leaves: $name', expected => {
    const {x = [], y = []} = illConditioned.find(({name}) => name === expected.name) ?? {};
    const {target} = describeOne(x, y);
    expect(
      countDigits(
        [target.residualStandardError, target.r2, target.f?.value ?? 0],
        [...expected.overall, expected.f],
      ),
    ).toBeGreaterThan(15);
    const standardErrors = target.coefficients.map(({standardError}) => standardError);
    expect(countDigits(standardErrors, expected.standardErrors)).toBeGreaterThan(expected.digits);
  });
});

describe('at the edges', () => {
  const points = [1, 2, 3, 4, 0].map(a => [a, (a * a) % 7]);

  // y = 2a + 3b + 5: the residuals are exactly 0, or as good as.
  test('an exact fit has an r2 of 1 and nothing that is not a number', () => {
    const {target, statistics} = describeOne(
      points,
      points.map(([a = 0, b = 0]) => 2 * a + 3 * b + 5),
    );
    expect(FitStatistics.parse(statistics)).toEqual(statistics);
    expect(target).toMatchObject({r2: 1, adjustedR2: 1});
    expect(target.coefficients.map(({estimate}) => estimate)).toEqual([5, 2, 3]);
    for (const {estimate, lower, upper} of target.coefficients) {
      expect(lower).toBeCloseTo(estimate, 14);
      expect(upper).toBeCloseTo(estimate, 14);
    }
  });

  test('a residual of exactly 0 leaves F, t and p undefined', () => {
    const x = [[-1], [1], [-1], [1]];
    const {target} = describeOne(x, [-2, 2, -2, 2]);
    expect(target).toMatchObject({residualStandardError: 0, r2: 1, f: null});
    expect(target.coefficients[1]).toEqual({
      feature: 'x1',
      estimate: 2,
      standardError: 0,
      t: null,
      p: null,
      lower: 2,
      upper: 2,
      standardised: 1,
    });
  });

  // closed formula: a slope of 0 has t = 0, and p = 1
  test('a feature that tells nothing has an r2 of 0', () => {
    const {target} = describeOne([[-1], [1], [-1], [1]], [1, 1, -1, -1]);
    expect(target).toMatchObject({
      r2: 0,
      adjustedR2: -0.5,
      f: {value: 0, p: 1},
      residualStandardError: Math.SQRT2,
    });
    expect(target.coefficients[1]).toMatchObject({estimate: 0, t: 0, p: 1, standardised: 0});
  });

  test('a target that does not vary is explained in full, and has no standardised coefficients', () => {
    const {target, statistics} = describeOne(
      points,
      points.map(() => 0.1),
    );
    expect(FitStatistics.parse(statistics)).toEqual(statistics);
    expect(target).toMatchObject({r2: 1, residualStandardError: 0, f: null});
    expect(target.coefficients.map(({standardised}) => standardised)).toEqual([null, null, null]);
  });

  test('as many coefficients as rows leave no degrees of freedom, and no statistics of the targets', () => {
    const {statistics} = describeOne([[1], [3]], [10, 20]);
    expect(statistics).toEqual({
      rows: 2,
      degreesOfFreedom: 0,
      conditionNumber: 1,
      varianceInflation: [{feature: 'x1', value: 1}],
      targets: [],
    });
  });

  test('units at the end of the range of doubles change no statistic without a unit', () => {
    const [small, large] = [2 ** -900, 2 ** 900];
    const y = points.map((_, i) => i ** 3);
    const {target: plain} = describeOne(points, y);
    const {target: scaled} = describeOne(
      points.map(([a = 0, b = 0]) => [a * small, b * large]),
      y.map(value => value * 2 ** 10),
    );
    const unitless = ({r2, adjustedR2, f, coefficients}: TargetStatistics) =>
      [r2, adjustedR2, f?.value, ...coefficients.map(({t}) => t)].map(value => value?.toPrecision(12));
    expect(unitless(scaled)).toEqual(unitless(plain));
  });
});

/** Statistics of a single target. */
function describeOne(x: number[][], y: number[]) {
  const model = fitLinearRegression({
    featureNames: (x[0] ?? []).map((_, j) => `x${j + 1}`),
    targetNames: ['y'],
    x,
    y: y.map(value => [value]),
  });
  const statistics = computeFitStatistics(model);
  const [target] = statistics.targets;
  return {statistics, target: target as TargetStatistics};
}

/** Expects a value to be what R printed, which rounds twice: 0.0849149 becomes 0.084915 and then 8.492e-02. */
function expectPrinted(value: number | null | undefined, text: string): void {
  const [mantissa = '', exponent = '0'] = text.split('e');
  const unit = 10 ** (Number(exponent) - (mantissa.split('.')[1] ?? '').length);
  expect(Math.abs((value ?? Number.NaN) - Number(text)) / unit, text).toBeLessThan(0.52);
}

function estimatesOf({coefficients}: TargetStatistics): number[] {
  return coefficients.map(({estimate}) => estimate);
}

/** Residual standard error, r2 and adjusted r2; F and its p; estimate, standard error, t, p, lower, upper. */
function expectStatistics(
  found: TargetStatistics | undefined,
  {
    overall,
    f,
    coefficients,
    standardised,
  }: {overall: number[]; f: number[]; coefficients: number[][]; standardised: number[]},
): void {
  if (found === undefined) throw new Error('There are no statistics of this target.');
  const rows = found.coefficients.map(each => [
    each.estimate,
    each.standardError,
    each.t ?? Number.NaN,
    each.p ?? Number.NaN,
    each.lower,
    each.upper,
  ]);
  const numbers = [found.residualStandardError, found.r2, found.adjustedR2];
  expect(countDigits([...numbers, found.f?.value ?? 0, found.f?.p ?? 0], [...overall, ...f])).toBeGreaterThan(
    11,
  );
  expect(countDigits(rows.flat(), coefficients.flat())).toBeGreaterThan(11);
  expect(
    countDigits(
      found.coefficients.slice(1).map(each => each.standardised ?? 0),
      standardised,
    ),
  ).toBeGreaterThan(12);
}
