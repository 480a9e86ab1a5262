import type {ErrorScores, Evaluation, TargetStatistics} from '../../core/evaluation/evaluation.ts';
import {labelWithUnit} from '../units.ts';
import type {FigureData} from './figure-data.ts';

/** What the figures of one target say in words. */
export interface TargetFacts {
  name: string;
  /** With its unit: "petal_length (cm)". */
  label: string;
  unit: string | null;
  scores: ErrorScores | undefined;
  statistics: TargetStatistics | undefined;
}

export function describeTarget({targets, evaluation}: FigureData, target: number): TargetFacts {
  const {name = '', unit = null} = targets[target] ?? {};
  return {
    name,
    label: labelWithUnit(name, unit),
    unit,
    scores: findScores(evaluation, name),
    statistics: evaluation.statistics.targets.find(statistics => statistics.target === name),
  };
}

function findScores({targets}: Evaluation, name: string): ErrorScores | undefined {
  return Object.entries(targets).find(([target]) => target === name)?.[1];
}
