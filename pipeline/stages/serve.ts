import {join} from 'node:path';
import {chooseName, openChosen} from '../choose.ts';
import {readLocalChannel} from '../io/artifacts.ts';
import type {Run} from '../run.ts';

/** Serves an artifact from the sources on this machine: MODEL_PATH, else --version, else what was promoted here, else the newest. */
export async function serveArtifact(run: Run): Promise<void> {
  const {options, environment, progress} = run;
  if (process.env.MODEL_PATH) {
    await import('../../serve/main.ts');
    return;
  }
  const parent = join(options.artifacts, await chooseName(options));
  const promoted = await readLocalChannel(parent, environment.channel);
  const {folder, artifact} = await openChosen(options, options.version ?? promoted);
  progress.note(
    `Serving ${artifact.name} ${artifact.version} (${options.version ? 'as asked' : promoted ? `promoted to ${environment.channel}` : 'newest'}).`,
  );
  process.env.MODEL_PATH = join(folder, 'model.json');
  await import('../../serve/main.ts');
}
