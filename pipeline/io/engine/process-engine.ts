import {cp, mkdir, mkdtemp, rename, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {Failure} from '../../core/failure.ts';
import {getSubjectDigest} from '../../core/release/evidence.ts';
import {hashContext, readContext} from '../artifacts/context.ts';
import type {Engine, ProgramEnv} from './engine.ts';
import {startServerProcess} from './server-process.ts';

/** The engine for a machine without containers: the server bundle runs as a process, and a release is a folder. */
export function createProcessEngine(env: ProgramEnv): Engine {
  return {
    name: 'process',
    version: process.version,
    platform: null,
    findBase: refuse,
    load: refuse,
    findDigest: async (subject, contextFolder) =>
      subject.kind === 'bundle' ? hashFolder(contextFolder) : undefined,
    start: (_subject, {contextFolder, env: own, signal}) =>
      startServerProcess(contextFolder, {...own, PATH: env.PATH}, signal),
    async keep(subject, {contextFolder, tag, releasesFolder}) {
      const ref = join(releasesFolder, tag);
      const digest = getSubjectDigest(subject);
      await copyOnce(contextFolder, ref);
      const found = await hashFolder(ref);
      if (found === digest) return {store: 'folder', ref, digest};
      throw new Failure('rejected', {
        code: 'SUBJECT_CHANGED',
        message: `${ref} holds ${found}, expected the ${digest} that was tested: it was changed after it was released, or cut short.`,
        fix: `Remove ${ref} and run npm run push again.`,
      });
    },
  };
}

async function hashFolder(folder: string): Promise<string> {
  return `sha256:${hashContext(await readContext(folder))}`;
}

/** Copies a folder as a whole; one that is there is left as it is. */
async function copyOnce(folder: string, destination: string): Promise<void> {
  const parent = join(destination, '..');
  await mkdir(parent, {recursive: true});
  if (await isThere(destination)) return;
  const temporary = await mkdtemp(join(parent, '.writing-'));
  try {
    await cp(folder, temporary, {recursive: true});
    await rename(temporary, destination);
  } finally {
    await rm(temporary, {recursive: true, force: true});
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return false;
  }
}

async function refuse(): Promise<never> {
  throw new Failure('engine', {
    code: 'ENGINE_MISSING',
    message: 'No container engine is in use that holds and runs images.',
    fix: 'Install and start Docker or Podman.',
  });
}
