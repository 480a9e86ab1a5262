import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {readLocalChannel} from '../io/artifacts/artifacts.ts';
import {bundleServer} from '../io/artifacts/bundle.ts';
import {chooseName, openChosen} from '../run/choose.ts';
import type {Run} from '../run/run-stage.ts';

/** Serves an artifact on this machine with the server that these sources make: MODEL_PATH, else --version, else what was promoted here, else the newest. */
export async function serveArtifact(run: Run): Promise<void> {
  const {options, environment, progress} = run;
  if (process.env.MODEL_PATH) {
    return runServer();
  }
  const parent = join(options.artifacts, await chooseName(options));
  const promoted = await readLocalChannel(parent, environment.channel);
  const {folder, artifact} = await openChosen(options, options.version ?? promoted);
  progress.note(
    `Serving ${artifact.name} ${artifact.version} (${options.version ? 'as asked' : promoted ? `promoted to ${environment.channel}` : 'newest'}).`,
  );
  process.env.MODEL_PATH = join(folder, 'model.json');
  await runServer();
}

/** Bundled first, as for a release: only the bundle has the scripts and stylesheets that browsers get. */
async function runServer(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'csv-to-server-'));
  try {
    const file = join(folder, 'server.mjs');
    await writeFile(file, (await bundleServer(null)).bytes);
    await import(pathToFileURL(file).href);
  } finally {
    await rm(folder, {recursive: true});
  }
}
