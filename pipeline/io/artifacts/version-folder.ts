import {chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import {type Artifact, ArtifactError, parseArtifact} from '../../../serve/artifact/artifact.ts';
import {Failure} from '../../core/failure.ts';
import {isMissing, readTextIfThere} from './read-text.ts';

/** A version folder, `<artifacts>/<name>/<version>`, and the model in it. */
export interface StoredArtifact {
  folder: string;
  artifact: Artifact;
  /** The bytes of model.json, as they go into the image. */
  text: string;
  /** The text of model-card.md; null for a version without one. */
  card: string | null;
}

/** The words about a version, for people. */
const cardFile = 'model-card.md';

/** Holds the version that was trained last: `<artifacts>/<name>/latest`. */
const latestFile = 'latest';

/**
 * Writes a version's files as one: into a temporary folder that is then renamed. Of a version that exists the model
 * is verified, and only files that it lacks are added: a rollback brings none but model and card.
 *
 * @param files contents by file name.
 * @throws Failure of kind `data` when the existing folder holds another model under this version.
 */
export async function storeVersion(
  root: string,
  {name, version}: Artifact,
  files: Record<string, string> & {'model.json': string},
): Promise<string> {
  const parent = join(root, name);
  const folder = join(parent, version);
  if (!(await exists(folder))) {
    await mkdir(parent, {recursive: true});
    const temporary = await mkdtemp(join(parent, '.writing-'));
    try {
      for (const [file, content] of Object.entries(files))
        await writeFile(join(temporary, file), content, {flush: true});
      // a temporary folder is its owner's alone; a version is for every reader
      await chmod(temporary, 0o755);
      await rename(temporary, folder);
    } catch (error) {
      // another run wrote the same version first: its files are verified below, like any that were there
      if (!(await exists(folder))) throw error;
    } finally {
      await rm(temporary, {recursive: true, force: true});
    }
  }
  if ((await readTextIfThere(join(folder, 'model.json'))) !== files['model.json']) {
    throw new Failure('data', {
      code: 'ARTIFACT_CHANGED',
      message: `${join(folder, 'model.json')} differs from the model whose version it carries: it was changed or cut short after it was written.`,
      fix: `Move ${folder} away and train again: npm run train.`,
    });
  }
  for (const [file, content] of Object.entries(files))
    if (!(await exists(join(folder, file)))) await writeFileAtomic(join(folder, file), content);
  return folder;
}

/** Remembers the version that was trained last, which commands work on unless told otherwise. */
export async function setLatest(root: string, {name, version}: Artifact): Promise<void> {
  await writeFileAtomic(join(root, name, latestFile), `${version}\n`);
}

/**
 * Opens an artifact.
 *
 * @param version one of its folders, or undefined for the one trained last.
 * @throws Failure when there is none, or when it is not intact.
 */
export async function openArtifact(
  root: string,
  name: string,
  version: string | undefined,
): Promise<StoredArtifact> {
  const parent = join(root, name);
  const chosen = version ?? ((await readTextIfThere(join(parent, latestFile))) ?? '').trim();
  const folder = join(parent, chosen);
  const path = join(folder, 'model.json');
  const text = chosen === '' ? undefined : await readTextIfThere(path);
  if (text === undefined) {
    const known = await listVersions(parent);
    throw new Failure('usage', {
      code: 'NO_ARTIFACT',
      message: `${chosen === '' ? `${parent} holds no trained model` : `${path} does not exist`}; found ${
        known.length === 0 ? 'no version at all' : `the versions ${known.join(', ')}`
      }.`,
      fix: 'Train one with `npm run train`, or name another with --version, --dataset or --artifacts.',
    });
  }
  const card = (await readTextIfThere(join(folder, cardFile))) ?? null;
  try {
    return {folder, artifact: parseArtifact(text, path), text, card};
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    throw new Failure('data', {
      code: 'ARTIFACT_CHANGED',
      message: error.message,
      fix: `Move ${folder} away and train again: npm run train.`,
      cause: error,
    });
  }
}

/** Writes the model card beside the model it is about; a later run replaces it, for its words make no other version. */
export async function writeCard(folder: string, card: string): Promise<void> {
  const path = join(folder, cardFile);
  if ((await readTextIfThere(path)) !== card) await writeFileAtomic(path, card);
}

async function listVersions(parent: string): Promise<string[]> {
  try {
    return (await readdir(parent)).filter(entry => /^[0-9a-f]{12}$/.test(entry)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
