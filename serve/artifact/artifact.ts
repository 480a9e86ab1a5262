import * as z from 'zod/mini';
import {ArtifactError, retrain} from './artifact-error.ts';
import {hashContent, once, serialise} from './format.ts';
import {Artifact, formatOne} from './format-1.ts';
import {formats} from './formats.ts';
import {describeIssues} from './issues.ts';

export {ArtifactError} from './artifact-error.ts';
/** The newest format, which everything but this folder works with. */
export {Artifact, Feature, Metrics, type Scores, Target} from './format-1.ts';

export type ArtifactContent = Omit<Artifact, 'formatVersion' | 'version'>;

const newest = formatOne;

/**
 * Gives a trained model its version and its one serialised form, in the newest format.
 *
 * @returns the artifact, and the text of its `model.json` (one line of JSON and a newline).
 * @throws ArtifactError when a length disagrees or a number is not finite.
 */
export function sealArtifact(content: ArtifactContent): {artifact: Artifact; text: string} {
  const {formatVersion} = newest;
  // Parsed before it is hashed: the schema, not the caller, decides the order of the keys.
  const draft = z.safeParse(Artifact, {formatVersion, version: '0'.repeat(12), ...content}, once);
  if (!draft.success) {
    throw new ArtifactError(`The trained model cannot be written: ${describeIssues(draft.error.issues)}.`);
  }
  const {version: _, ...rest} = draft.data;
  const text = serialise({...draft.data, version: hashContent(rest)});
  return {artifact: parseArtifact(text, 'the trained model'), text};
}

/**
 * Reads the text of a `model.json` of any format, strictly: every key known, every length right, every number finite,
 * the version equal to the hash of the content, and the text the very one that was written.
 *
 * @param where what the text is called in error messages, usually its path.
 * @returns the artifact in the newest format, with the version that the text has.
 * @throws ArtifactError with the reason `unknown-format` where only another program can read it.
 */
export function parseArtifact(text: string, where: string, known = formats): Artifact {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ArtifactError(`${where} is not JSON (${text.length} characters). ${retrain}`, {cause});
  }
  return findFormat(json, where, known).read(json, text, where);
}

function findFormat(json: unknown, where: string, known: typeof formats): (typeof formats)[number] {
  const found =
    typeof json === 'object' && json !== null && 'formatVersion' in json ? json.formatVersion : undefined;
  // What names no format is no artifact: the newest says what is wrong with it.
  if (typeof found !== 'number') return newest;
  const format = known.find(({formatVersion}) => formatVersion === found);
  if (format !== undefined) return format;
  const versions = known.map(({formatVersion}) => formatVersion);
  const list = versions.length === 1 ? `version ${versions.join()}` : `versions ${versions.join(', ')}`;
  throw new ArtifactError(
    `${where} has format version ${found}; this program reads ${list}. ${
      found > Math.max(...versions) ? 'Use the program that wrote it, or a newer one.' : retrain
    }`,
    {reason: 'unknown-format'},
  );
}
