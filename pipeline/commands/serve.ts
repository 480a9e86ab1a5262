import {rmSync} from 'node:fs';
import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {bundleServer} from '../io/artifacts/bundle.ts';
import {readLocalChannel} from '../io/artifacts/local-channel.ts';
import type {Run} from '../run/run.ts';
import {chooseName, openChosen} from '../run/selection.ts';

/**
 * Serves an artifact on this machine with the server that these sources make: MODEL_PATH, else --version, else what
 * was promoted here, else the newest.
 *
 * @param setModelPath tells the server, which reads its environment itself, which model to serve.
 */
export async function serveArtifact(run: Run, setModelPath: (path: string) => void): Promise<void> {
  const {options, environment, progress, env} = run;
  if (env.MODEL_PATH) return startServer();
  const parent = join(options.artifacts, await chooseName(options));
  const promoted =
    options.version === undefined ? await readLocalChannel(parent, environment.channel) : undefined;
  const {folder, artifact} = await openChosen(options, options.version ?? promoted);
  const why =
    options.version !== undefined
      ? 'as asked'
      : promoted !== undefined
        ? `promoted to ${environment.channel}`
        : 'newest';
  progress.note(`Serving ${artifact.name} ${artifact.version} (${why}).`);
  setModelPath(join(folder, 'model.json'));
  await startServer();
}

/**
 * Bundled first, as for a release: only the bundle has the scripts and stylesheets that browsers get. The files beside it
 * are read when they are asked for, so the folder stays until the server ends.
 */
async function startServer(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'csv-to-server-'));
  process.once('exit', () => rmSync(folder, {recursive: true}));
  const {bytes, docs} = await bundleServer();
  for (const [name, content] of Object.entries({'server.mjs': bytes, ...docs})) {
    await writeFile(join(folder, name), content);
  }
  await import(pathToFileURL(join(folder, 'server.mjs')).href);
}
