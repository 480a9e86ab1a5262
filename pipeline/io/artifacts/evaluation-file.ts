import {join} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import {Evaluation} from '../../core/evaluation/evaluation.ts';
import {pickMetrics} from '../../core/evaluation/metrics.ts';
import {Failure} from '../../core/failure.ts';
import {type Format, keepContent, readVersioned, writeVersioned} from '../../core/release/formats.ts';
import {readTextIfThere} from './read-text.ts';
import type {StoredArtifact} from './version-folder.ts';

const file = 'metrics.json';

/** Version 0 has no number in it, and holds what version 1 holds. */
const format: Format<Evaluation> = {schema: Evaluation, upgrades: [keepContent]};

/** The text of metrics.json. */
export function formatEvaluation(evaluation: Evaluation): string {
  return writeVersioned(evaluation, format);
}

/**
 * Reads the evaluation of a stored model.
 *
 * @throws Failure when it is not one that this program writes, or not about the model beside it, whose scores are
 * part of its version.
 */
export async function readEvaluation({
  folder,
  artifact,
}: Pick<StoredArtifact, 'folder' | 'artifact'>): Promise<Evaluation> {
  const path = join(folder, file);
  const refuse = (problem: string) =>
    new Failure('data', {
      code: 'EVALUATION_CHANGED',
      message: `${path} ${problem}.`,
      fix: `Move ${folder} away and train again: npm run train.`,
    });
  const text = await readTextIfThere(path);
  if (text === undefined) throw refuse('is not there');
  const reading = readVersioned(text, format);
  if (reading.status !== 'read')
    throw refuse(`is not an evaluation that this program writes: ${reading.reason}`);
  const evaluation = reading.value;
  if (!isDeepStrictEqual(pickMetrics(evaluation), pickMetrics(artifact.metrics))) {
    throw refuse('has other scores than model.json beside it: it was changed after it was written');
  }
  return evaluation;
}
