import {isDeepStrictEqual} from 'node:util';
import type {Artifact} from '../../../serve/artifact/artifact.ts';
import type {Descriptor} from '../dataset/descriptor.ts';
import {Failure} from '../failure.ts';
import {pickDetermining} from './artifact-content.ts';

/**
 * Refuses to judge a model by a descriptor that it was not trained by: only the rules of the gate and the words about
 * the data may have changed since.
 *
 * @param where names the descriptor in messages.
 * @throws Failure of kind `usage` that says what differs.
 */
export function requireOwnDescriptor(artifact: Artifact, descriptor: Descriptor, where: string): void {
  const recorded = artifact.provenance.descriptor;
  const {source: _now, ...today} = pickDetermining(descriptor, null);
  const {source: _then, ...before} = recorded;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(today)])];
  const different = keys.filter(key => !isDeepStrictEqual(before[key], today[key]));
  if (different.length === 0) return;
  const lines = different.map(
    key => `  ${key}: trained with ${show(before[key])}, found ${show(today[key])}`,
  );
  throw new Failure('usage', {
    code: 'OTHER_DESCRIPTOR',
    message: `${artifact.name} ${artifact.version} was not trained by ${where}, so its rules are not about this model:\n${lines.join('\n')}`,
    fix: 'Name the descriptor that it was trained by with --dataset FILE (for a model that was trained without one: the same --csv, --target and other options), or train by this one: npm run train.',
  });
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
