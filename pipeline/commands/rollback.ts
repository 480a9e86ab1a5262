import {join} from 'node:path';
import {Failure} from '../core/failure.ts';
import {setLocalChannel, storeArtifact, writeEvidence} from '../io/artifacts/artifacts.ts';
import {moveChannel} from '../io/registry/channel.ts';
import type {Manifest} from '../io/registry/registry.ts';
import {readRelease, readReleaseFacts, releaseLabels} from '../io/registry/release-image.ts';
import {summariseImage, summariseRelease} from '../run/outcome.ts';
import {noteArtifact, type Run, runStage} from '../run/run-stage.ts';
import type {Target} from '../stages/push.ts';
import {openTarget, prepareEngine} from './prepare.ts';
import {smokeImage} from './release.ts';

/**
 * Moves the channel to a release that the registry holds already, after that very digest has passed the smoke
 * test on this machine.
 *
 * @throws Failure of kind `usage` where there is no such release, `rejected` when it fails the smoke test.
 */
export async function rollBack(run: Run): Promise<void> {
  const {environment, options, result, signal} = run;
  const {channel} = environment;
  const engine = await prepareEngine(run);
  const target = await openTarget(run, engine);
  const {repository, access} = target;
  const current = await repository.getManifest(channel);
  const {release, manifest} = await runStage(run, 'champion', async () => {
    const chosen = await findRelease(target, channel, options.to ?? '', current);
    return [
      {release: await readRelease(repository, chosen), manifest: chosen},
      `${channel} is ${current?.digest ?? 'not there'}, ${options.to} is ${chosen.digest}`,
    ];
  });
  const {artifact, text, card, digest, labels} = release;
  const files = {'model.json': text, ...(card === null ? {} : {'model-card.md': card})};
  const folder = await storeArtifact(options.artifacts, artifact, files);
  const stored = {folder, artifact, text, card};
  noteArtifact(run, stored);
  const tag = labels[releaseLabels.version] ?? `${artifact.version}-${release.serverSha256.slice(0, 8)}`;
  const ref = `${repository.reference}:${tag}`;
  if (current?.digest === digest) {
    result.outcome = 'unchanged';
    result.release = {store: 'registry', ref, digest, channel};
    return;
  }
  const subject = await runStage(run, 'pull', async () => {
    const image = await engine.pull(release.reference, access, signal);
    const evidence = {
      ...image,
      tag,
      imageName: release.reference,
      modelVersion: artifact.version,
      serverSha256: release.serverSha256,
      layerBytes: release.layerBytes,
      base: {name: labels[releaseLabels.baseName] ?? '', digest: labels[releaseLabels.baseDigest] ?? ''},
    } as const;
    await writeEvidence(folder, 'build.json', evidence);
    result.image = summariseImage(evidence);
    return [evidence.subject, release.reference];
  });
  await smokeImage(run, stored, engine, 'core');
  await runStage(run, 'push', async () => {
    if (!(await moveChannel(repository, channel, manifest, current?.digest ?? null))) {
      throw new Failure('rejected', {
        code: 'CHANNEL_MOVED',
        message: `Another run moved ${repository.reference}:${channel} away from ${current?.digest ?? 'nothing'} meanwhile; it was left as that run made it.`,
        fix: 'Look at npm run history, then roll back again if that is still right.',
      });
    }
    const promoted = {subject, store: 'registry', ref, digest, tag, channel} as const;
    await writeEvidence(folder, 'release.json', promoted);
    await setLocalChannel(join(options.artifacts, artifact.name), channel, promoted);
    result.release = summariseRelease(promoted);
    return [undefined, `${channel} is ${digest}`];
  });
  result.outcome = 'promoted';
}

async function findRelease(
  {repository}: Target,
  channel: string,
  to: string,
  current: Manifest | undefined,
): Promise<Manifest> {
  const isPrevious = to === 'previous';
  const parent =
    isPrevious && current !== undefined
      ? (await readReleaseFacts(repository, current)).labels[releaseLabels.parent]
      : undefined;
  const wanted = isPrevious ? parent : to;
  const manifest = wanted === undefined ? undefined : await repository.getManifest(wanted);
  if (manifest !== undefined) return manifest;
  const reason = !isPrevious
    ? `${repository.reference} holds no release ${to}`
    : current === undefined
      ? `${repository.reference}:${channel} does not exist, so nothing came before it`
      : parent === undefined
        ? `${repository.reference}:${channel} is the first release of its chain (${current.digest})`
        : `the release before it, ${parent}, is no longer in ${repository.reference}`;
  throw new Failure('usage', {
    code: 'NO_RELEASE',
    message: `Cannot roll back: ${reason}.`,
    fix: 'npm run history lists the releases that there are; name one with --to TAG.',
  });
}
