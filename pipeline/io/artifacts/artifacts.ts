import {chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import {type Artifact, ArtifactError, parseArtifact} from '../../../serve/artifact/artifact.ts';
import {Failure} from '../../core/failure.ts';
import {type Evidence, evidenceFormats, type ReleaseEvidence} from '../../core/release/evidence.ts';
import {readVersioned, writeVersioned} from '../../core/release/formats.ts';

/** A version folder, `<artifacts>/<name>/<version>`, and the model in it. */
export interface StoredArtifact {
  folder: string;
  artifact: Artifact;
  /** The bytes of model.json, as they go into the image. */
  text: string;
  /** The text of model-card.md; null for a version without one. */
  card: string | null;
}

const stageOf = {
  'build.json': 'build',
  'smoke.json': 'smoke',
  'verdict.json': 'gate',
  'release.json': 'push',
} as const;

/** What people should know of a version, in its folder. */
const cardFile = 'model-card.md';

/** The version that was trained last, in `<artifacts>/<name>/latest`. */
const latestFile = 'latest';

/**
 * Writes a version's files as one: into a temporary folder that is then renamed. A version that exists is
 * verified and left as it is.
 *
 * @param files contents by file name; must hold `model.json`.
 * @throws Failure when the existing folder holds another model under this version.
 */
export async function storeArtifact(
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
  const found = await readFile(join(folder, 'model.json'), 'utf8').catch(() => '');
  if (found !== files['model.json']) {
    throw new Failure('data', {
      code: 'ARTIFACT_CHANGED',
      message: `${join(folder, 'model.json')} differs from the model whose version it carries: it was changed or cut short after it was written.`,
      fix: `Remove ${folder} and train again: npm run train.`,
    });
  }
  await writeFileAtomic(join(parent, latestFile), `${version}\n`);
  return folder;
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
  const chosen = version ?? (await readFile(join(parent, latestFile), 'utf8').catch(() => '')).trim();
  const folder = join(parent, chosen);
  const path = join(folder, 'model.json');
  const text = chosen === '' ? undefined : await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    const known = (await readdir(parent).catch(() => [])).filter(entry => /^[0-9a-f]{12}$/.test(entry));
    throw new Failure('usage', {
      code: 'NO_ARTIFACT',
      message: `${chosen === '' ? `${parent} holds no trained model` : `${path} does not exist`}; found ${
        known.length === 0 ? 'no version at all' : `the versions ${known.sort().join(', ')}`
      }.`,
      fix: 'Train one with `npm run train`, or name another with --version, --dataset or --artifacts.',
    });
  }
  try {
    const card = await readFile(join(folder, cardFile), 'utf8').catch(() => null);
    return {folder, artifact: parseArtifact(text, path), text, card};
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    throw new Failure('data', {
      code: 'ARTIFACT_CHANGED',
      message: error.message,
      fix: `Remove ${folder} and train again: npm run train.`,
      cause: error,
    });
  }
}

/** Writes the model card beside the model it is about; a later run replaces it, for the words in it make no other version. */
export async function writeCard(folder: string, card: string): Promise<void> {
  const path = join(folder, cardFile);
  const found = await readFile(path, 'utf8').catch(() => undefined);
  if (found !== card) await writeFileAtomic(path, card);
}

/** Writes evidence beside the model it is about; a later run of the same stage replaces it. */
export async function writeEvidence<F extends keyof Evidence>(
  folder: string,
  file: F,
  value: Evidence[F],
): Promise<void> {
  await writeFileAtomic(join(folder, file), writeVersioned(value, evidenceFormats[file]));
}

/**
 * Reads evidence of an earlier stage; undefined where that stage has not run.
 *
 * @throws Failure of kind `rejected` when the file is not what that stage writes: broken evidence is no evidence.
 */
export async function readEvidence<F extends keyof Evidence>(
  folder: string,
  file: F,
): Promise<Evidence[F] | undefined> {
  const path = join(folder, file);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const reading = readVersioned(text, evidenceFormats[file]);
  if (reading.status === 'read') return reading.value;
  throw new Failure('rejected', {
    code: 'EVIDENCE_BROKEN',
    message: `${path} is not what the stage before writes: ${reading.reason}.`,
    fix: `${reading.status === 'newer' ? 'Update csv-to-server, or r' : 'R'}emove ${path} and run that stage again: npm run ${stageOf[file]}.`,
  });
}

/** Remembers on this machine what a channel points at, for `serve`; a registry's own tag is what counts elsewhere. */
export async function setLocalChannel(
  parent: string,
  channel: string,
  release: ReleaseEvidence,
): Promise<void> {
  const folder = join(parent, 'channels');
  await mkdir(folder, {recursive: true});
  await writeFileAtomic(
    join(folder, `${channel}.json`),
    writeVersioned(release, evidenceFormats['release.json']),
  );
}

/** The version that was promoted to a channel from this machine, or undefined. Throws a usage Failure where its file is broken. */
export async function readLocalChannel(parent: string, channel: string): Promise<string | undefined> {
  const path = join(parent, 'channels', `${channel}.json`);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const reading = readVersioned(text, evidenceFormats['release.json']);
  if (reading.status === 'read') return reading.value.tag.split('-')[0];
  throw new Failure('usage', {
    code: 'CHANNEL_FILE_BROKEN',
    message: `${path} does not say which release ${channel} holds: ${reading.reason}.`,
    fix: `${reading.status === 'newer' ? 'Update csv-to-server, or r' : 'R'}emove ${path} and promote again: npm run pipeline.`,
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
