import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Client} from './client.ts';
import {answerTimeoutMs} from './command.ts';
import {removeContainer} from './container.ts';
import {isLeftBehind, nameOwner, ownerLabel} from './owner.ts';

const folderPrefix = 'csv-to-server-load.';

/** Makes a folder that only this user may enter, under a name by which a later run finds it if this one is killed. */
export async function makeLoadFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), `${folderPrefix}${await nameOwner()}.`));
}

/** Removes the folders with images that killed runs have left. */
export async function removeLeftFolders(note: (text: string) => void): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(folderPrefix) ? name.slice(folderPrefix.length, name.lastIndexOf('.')) : '';
    if (!(await isLeftBehind(owner))) continue;
    const path = join(tmpdir(), name);
    await tell(note, `Removed ${path}, which a killed run had left.`, () => rm(path, {recursive: true}));
  }
}

/** Lists the containers that killed runs have left; none where the engine does not answer. */
export async function listLeftContainers({program, run}: Client): Promise<string[]> {
  const output = await run({
    timeoutMs: answerTimeoutMs,
  })`${program} ps --all --filter ${`label=${ownerLabel}`} --format ${'{{.Names}} {{.Labels}}'}`;
  const left: string[] = [];
  for (const line of output.stdout.split('\n')) {
    // docker writes `key=value,…`, podman `map[key:value …]`
    const [, name, owner] = /^(\S+) .*csv-to-server\.owner[=:]([\w.-]+)/.exec(line) ?? [];
    if (name !== undefined && owner !== undefined && (await isLeftBehind(owner))) left.push(name);
  }
  return left;
}

/** Removes them; what cannot be removed is told and left to the next run. */
export async function removeLeftContainers(
  client: Client,
  containers: readonly string[],
  note: (text: string) => void,
): Promise<void> {
  for (const container of containers)
    await tell(note, `Removed the container ${container}, which a killed run had left.`, () =>
      removeContainer(client, container),
    );
}

async function tell(note: (text: string) => void, success: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    note(success);
  } catch (error) {
    note(error instanceof Error ? error.message : String(error));
  }
}
