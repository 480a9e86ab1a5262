import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import {Failure} from '../../core/failure.ts';
import {evidenceFormats, type ReleaseEvidence} from '../../core/release/evidence.ts';
import {readVersioned, writeVersioned} from '../../core/release/formats.ts';
import {readTextIfThere} from './read-text.ts';

/** Remembers on this machine what a channel points at, for `serve`; a registry's own tag is what counts elsewhere. */
export async function setLocalChannel(
  parent: string,
  channel: string,
  release: ReleaseEvidence,
): Promise<void> {
  const path = nameFile(parent, channel);
  await mkdir(join(parent, 'channels'), {recursive: true});
  await writeFileAtomic(path, writeVersioned(release, evidenceFormats['release.json']));
}

/**
 * Reads which version was promoted to a channel from this machine; undefined where none was.
 *
 * @throws Failure of kind `usage` when the file is not what a promotion writes.
 */
export async function readLocalChannel(parent: string, channel: string): Promise<string | undefined> {
  const path = nameFile(parent, channel);
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  const reading = readVersioned(text, evidenceFormats['release.json']);
  if (reading.status === 'read') return reading.value.tag.split('-')[0];
  throw new Failure('usage', {
    code: 'CHANNEL_FILE_BROKEN',
    message: `${path} does not say which release ${channel} holds: ${reading.reason}.`,
    fix: `${reading.status === 'newer' ? 'Update csv-to-server, serve' : 'Serve'} a version by its name with npm run serve -- --version VERSION, or promote again, which writes the file anew: npm run pipeline.`,
  });
}

function nameFile(parent: string, channel: string): string {
  return join(parent, 'channels', `${channel}.json`);
}
