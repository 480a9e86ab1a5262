import {join} from 'node:path';
import {runCli} from '../helpers/cli-run.ts';
import type {ReferencePython} from './python.ts';

export interface Settings {
  rounds: number;
  /** Length of the mixed load under which memory is watched. */
  soakSeconds: number;
  python: ReferencePython;
  /** A temporary folder of this run. */
  folder: string;
}

interface Release {
  version: string;
  /** Path of `server.mjs`. */
  server: string;
  /** Path of `model.json`. */
  model: string;
}

/** What every section of the bench gets. */
export interface Bench extends Settings {
  /** Of one round against one server. */
  warmUpMs: number;
  loadMs: number;
  /** The iris model and its server as the pipeline releases them without an engine, made when first asked for. */
  release(): Promise<Release>;
}

/** @returns a bench whose loads are short where a single round says that it is only tried. */
export function createBench(settings: Settings): Bench {
  const isTrial = settings.rounds === 1;
  let release: Promise<Release> | undefined;
  return {
    ...settings,
    warmUpMs: isTrial ? 200 : 1_000,
    loadMs: isTrial ? 400 : 1_500,
    release: () => {
      release ??= makeRelease(settings.folder);
      return release;
    },
  };
}

async function makeRelease(folder: string): Promise<Release> {
  const args = ['pipeline', '--artifacts', join(folder, 'release'), '--json'];
  const {code, result, stderr} = await runCli(args, {env: {CONTAINER_ENGINE: 'none'}});
  if (code !== 0)
    throw new Error(`The pipeline ended with ${code}, so there is no server to measure:\n${stderr}`);
  const {artifact, version} = result();
  const context = join(artifact ?? '', 'context');
  return {version: version ?? '', server: join(context, 'server.mjs'), model: join(context, 'model.json')};
}
