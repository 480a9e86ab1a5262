import * as z from 'zod';
import type {Artifact} from '../../../serve/artifact/artifact.ts';
import {predictRow} from '../../../serve/model/predict.ts';
import type {OtherScore} from '../evaluation/error-scores.ts';
import {ErrorScores} from '../evaluation/evaluation.ts';
import {evaluatePredictions} from '../evaluation/metrics.ts';
import {mean} from '../fit/compensated.ts';
import {listIncomparabilities, listMissing, type Named, type NumberColumn} from './comparability.ts';
import {countOverlap, Overlap} from './overlap.ts';
import {estimatePairedDifference, PairedDifference} from './paired-difference.ts';

/** The release that a challenger is compared with. */
export const ChampionRef = z.strictObject({
  /** Repository of the image, `host/path/name`. */
  reference: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  tag: z.string(),
  /** Version of its model. */
  version: z.string(),
});
export type ChampionRef = z.infer<typeof ChampionRef>;

/** A champion's scores; earlier releases kept fewer. */
const ChampionScores = ErrorScores.partial({medianAbsoluteError: true, maxError: true, bias: true});

/** How the challenger stands to the champion; verdict.json keeps it. */
export const Comparison = z.discriminatedUnion('status', [
  /** Nobody was asked for a champion: there is no registry. */
  z.strictObject({status: z.literal('none')}),
  /** The registry itself said that the channel does not exist. */
  z.strictObject({status: z.literal('first')}),
  /** The champion cannot be scored on today's test rows. */
  z.strictObject({
    status: z.literal('incomparable'),
    champion: ChampionRef,
    reasons: z.array(z.string()).min(1),
  }),
  z.strictObject({
    status: z.literal('compared'),
    champion: ChampionRef,
    /** The champion's scores on this run's test rows; the baseline is the challenger's. */
    metrics: z.strictObject({
      ...ChampionScores.shape,
      targets: z.record(z.string(), ChampionScores),
      baseline: z.strictObject({mse: z.number()}),
    }),
    /** Of a row's squared error, with several targets of its mean over the targets. */
    difference: PairedDifference,
    overlap: Overlap,
    /** Features that only one of the two models uses. */
    ownFeatures: z.strictObject({champion: z.array(z.string()), challenger: z.array(z.string())}),
  }),
]);
export type Comparison = z.infer<typeof Comparison>;

/** The rows that the challenger was scored on, columns in its order of features and targets. */
export interface TestRows {
  features: readonly (readonly number[])[];
  targets: readonly (readonly number[])[];
  /** Number columns of the data that the challenger does not use and the champion may; null where a cell is missing. */
  others?: readonly {name: string; unit: string | null; values: readonly (number | null)[]}[];
}

/**
 * Scores the champion on the challenger's test rows and estimates what their squared errors differ by.
 *
 * The models are comparable when they predict the same targets and the test rows hold every feature of the
 * champion, in any order; units count where both sides declare one.
 *
 * @param champion its model, or why this program cannot read it: then the two cannot be compared.
 * @param testIndices of the test rows in the table, the first row being 0.
 */
export function compareWithChampion({
  champion,
  reference,
  challenger,
  testRows,
  testIndices,
  others = [],
}: {
  champion: Artifact | {problem: string};
  reference: ChampionRef;
  challenger: Artifact;
  testRows: TestRows;
  testIndices: readonly number[];
  /** Scores that the table of metrics adds to the usual ones. */
  others?: readonly OtherScore[] | undefined;
}): Comparison {
  if ('problem' in champion) {
    return {status: 'incomparable', champion: reference, reasons: [`model: ${champion.problem}`]};
  }
  const columns = listColumns(challenger, testRows);
  const reasons = listIncomparabilities(champion, challenger, columns);
  if (reasons.length > 0) return {status: 'incomparable', champion: reference, reasons};

  const byChampion = predictTargets(champion, pickColumns(champion.features, columns), challenger.targets);
  const byChallenger = testRows.features.map(row => predictRow(challenger, row));
  const actual = testRows.targets.map(row => [...row]);
  const metrics = evaluatePredictions({
    actual,
    predicted: byChampion,
    others,
    targetNames: challenger.targets.map(({name}) => name),
    // a least-squares fit with an intercept goes through the means of its training rows
    trainingMeans: predictRow(
      challenger,
      challenger.features.map(feature => feature.mean),
    ),
  });
  const difference = estimatePairedDifference(
    actual.map((row, i) => meanSquaredError(row, byChallenger[i]) - meanSquaredError(row, byChampion[i])),
  );
  const comparison: Comparison = {
    status: 'compared',
    champion: reference,
    metrics,
    difference,
    overlap: countOverlap(champion.provenance, challenger.provenance, testIndices),
    ownFeatures: {
      champion: listMissing(champion.features, challenger.features),
      challenger: listMissing(challenger.features, champion.features),
    },
  };
  // the schema knows finite numbers only, as JSON does
  if (Comparison.safeParse(comparison).success) return comparison;
  const reason = "the champion's errors on today's test rows are too large for a number";
  return {status: 'incomparable', champion: reference, reasons: [reason]};
}

function listColumns({features}: Artifact, {features: rows, others = []}: TestRows): NumberColumn[] {
  return [
    ...features.map(({name, unit}, j) => ({name, unit, values: rows.map(row => row[j] ?? null)})),
    ...others.map(({name, unit, values}) => ({name, unit, values: [...values]})),
  ];
}

/** The test rows with the columns that a model asks for, in its order. */
function pickColumns(features: readonly Named[], columns: NumberColumn[]): number[][] {
  const chosen = features.map(({name}) => columns.find(column => column.name === name)?.values ?? []);
  const rows = columns[0]?.values.length ?? 0;
  return Array.from({length: rows}, (_, i) => chosen.map(values => values[i] ?? Number.NaN));
}

/** Predictions with one number per target of `order`, which are the model's own targets in any order. */
function predictTargets(model: Artifact, rows: number[][], order: readonly Named[]): number[][] {
  const places = order.map(({name}) => model.targets.findIndex(target => target.name === name));
  return rows.map(row => {
    const predicted = predictRow(model, row);
    return places.map(place => predicted[place] ?? Number.NaN);
  });
}

function meanSquaredError(actual: readonly number[], predicted: readonly number[] = []): number {
  return mean(actual.map((value, k) => ((predicted[k] ?? Number.NaN) - value) ** 2));
}
