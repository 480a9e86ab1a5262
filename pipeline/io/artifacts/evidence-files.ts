import {join} from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import {Failure} from '../../core/failure.ts';
import {type Evidence, evidenceFormats} from '../../core/release/evidence.ts';
import {readVersioned, writeVersioned} from '../../core/release/formats.ts';
import {readTextIfThere} from './read-text.ts';

const stageOf: {[File in keyof Evidence]: string} = {
  'build.json': 'build',
  'smoke.json': 'smoke',
  'verdict.json': 'gate',
  'release.json': 'push',
};

/** Writes evidence beside the model it is about; a later run of the same stage replaces it. */
export async function writeEvidence<File extends keyof Evidence>(
  folder: string,
  file: File,
  value: Evidence[File],
): Promise<void> {
  await writeFileAtomic(join(folder, file), writeVersioned(value, evidenceFormats[file]));
}

/**
 * Reads evidence of an earlier stage; undefined where that stage has not run.
 *
 * @throws Failure of kind `rejected` when the file is not what that stage writes: broken evidence is no evidence.
 */
export async function readEvidence<File extends keyof Evidence>(
  folder: string,
  file: File,
): Promise<Evidence[File] | undefined> {
  const path = join(folder, file);
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  const reading = readVersioned(text, evidenceFormats[file]);
  if (reading.status === 'read') return reading.value;
  throw new Failure('rejected', {
    code: 'EVIDENCE_BROKEN',
    message: `${path} is not what the stage before writes: ${reading.reason}.`,
    fix: `${reading.status === 'newer' ? 'Update csv-to-server, or run' : 'Run'} that stage again, which replaces the file: npm run ${stageOf[file]}.`,
  });
}
