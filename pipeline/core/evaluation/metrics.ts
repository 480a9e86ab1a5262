import type {Metrics} from '../../../serve/artifact/artifact.ts';
import {type PredictedRows, scoreBaseline, scorePredictions} from './error-scores.ts';

export interface Predictions extends PredictedRows {
  /** Mean of each target over the training rows. */
  trainingMeans: number[];
}

/** Scores predictions, and beside them predicting the means of the training rows: see `scorePredictions`. */
export function evaluatePredictions({trainingMeans, ...predictions}: Predictions) {
  return {
    ...scorePredictions(predictions),
    baseline: scoreBaseline(predictions.actual, trainingMeans),
  };
}

/** The part of an evaluation that model.json carries. */
export function pickMetrics({targets, baseline, ...overall}: Metrics): Metrics {
  const pick = ({mse, rmse, mae, r2}: Omit<Metrics, 'targets' | 'baseline'>) => ({mse, rmse, mae, r2});
  return {
    ...pick(overall),
    targets: Object.fromEntries(Object.entries(targets).map(([name, scores]) => [name, pick(scores)])),
    baseline: {mse: baseline.mse},
  };
}
