import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import {Evaluation} from '../../core/evaluation/evaluation.ts';
import {Failure} from '../../core/failure.ts';
import {pickMetrics} from '../../core/evaluation/metrics.ts';
import type {StoredArtifact} from './artifacts.ts';

const file = 'metrics.json';

/** The text of metrics.json. */
export function formatEvaluation(evaluation: Evaluation): string {
  return `${JSON.stringify(evaluation, null, 2)}\n`;
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
  const refuse = (problem: string, cause?: unknown) =>
    new Failure('data', {
      code: 'EVALUATION_CHANGED',
      message: `${path} ${problem}.`,
      fix: `Remove ${folder} and train again: npm run train.`,
      cause,
    });
  const text = await readFile(path, 'utf8').catch(cause => {
    throw refuse('cannot be read', cause);
  });
  const evaluation = parseEvaluation(text);
  if (evaluation instanceof Error) {
    const reason = 'another release of this program wrote it, or it was changed or cut short';
    throw refuse(`is not an evaluation that this program writes: ${reason}`, evaluation);
  }
  if (!isDeepStrictEqual(pickMetrics(evaluation), pickMetrics(artifact.metrics))) {
    throw refuse('has other scores than model.json beside it: it was changed after it was written');
  }
  return evaluation;
}

function parseEvaluation(text: string): Evaluation | Error {
  try {
    return Evaluation.parse(JSON.parse(text));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
