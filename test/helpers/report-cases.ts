import {readFileSync} from 'node:fs';
import type {RunFacts} from '../../pipeline/report/run-facts.ts';
import {build, compared} from './promoted-run.ts';
import {drawNormals, trainForReport} from './report-facts.ts';

/** The stylesheet of report.html. */
export const style = ['serve/page/client/base.css', 'pipeline/report/report.css']
  .map(file => readFileSync(file, 'utf8'))
  .join('');

const [a, b, noise] = [drawNormals(200, 1), drawNormals(200, 2), drawNormals(200, 3)] as [
  number[],
  number[],
  number[],
];
const at = (values: number[], i: number) => values[i] ?? Number.NaN;

/** y = 2a − b + noise, with a category that is missing in some rows. */
export const usual = trainForReport({
  unit: 'cm',
  features: {a, b},
  targets: {y: a.map((value, i) => 2 * value - at(b, i) + at(noise, i))},
  categories: {kind: a.map((value, i) => (i % 7 === 0 ? null : value > 0 ? 'high' : 'low'))},
  others: {unused: a.map((value, i) => (i % 5 === 0 ? null : value))},
});
/** A verdict with a rule that failed, and one that was excused. */
export const verdict = {
  passed: false,
  rules: [
    {metric: 'mse', value: 1.08, max: 0.2, passed: false},
    {metric: 'champion.mse.increase', value: 0.25, max: 0.02, passed: true},
  ],
};

/** What may stand in a report, each of which must be a page in order. */
export const cases: Record<string, RunFacts> = {
  usual,
  'several targets and odd names': {
    ...trainForReport({
      name: 'data',
      unit: 'km/h & <more> "',
      features: {'a <b> & "c"': a, 'ünïcödé — 特徴 </svg><script>alert(1)</script>': b, '&lt;': noise},
      targets: {
        'y&<1>': a.map((value, i) => 1e6 + 3 * value + at(noise, i) ** 3),
        "z'": a.map((value, i) => 1e-7 * (value - at(b, i))),
      },
      categories: {'kind "q"': a.map(value => (value > 0 ? '<pos>' : '"neg"&'))},
    }),
    outcome: 'rejected',
    error: {code: 'GATE_REJECTED', message: 'Not promoted: <mse>.', fix: 'Train & try "again".'},
    verdict,
    build,
  },
  'one feature and an exact fit': trainForReport({
    features: {a},
    targets: {y: a.map(value => 2 * value + 1)},
  }),
  'as many coefficients as rows': trainForReport({features: {a: [1, 2, 4]}, targets: {y: [1, 2.5, 5]}}),
  'no figures, no evaluation': {...usual, figures: null, evaluation: null},
  'a champion beside it': {...usual, outcome: 'promoted', comparison: compared, verdict, build},
  'a champion that cannot be scored': {
    ...usual,
    comparison: {status: 'incomparable', champion: compared.champion, reasons: ['features: <none>']},
  },
};
