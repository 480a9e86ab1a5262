import {join} from 'node:path';
import type {Artifact} from '../../serve/artifact/artifact.ts';
import {Failure} from '../core/failure.ts';
import {namePlatform, type Platform} from '../core/release/base.ts';
import {findPrevious, findWithdrawal} from '../core/release/channel-log.ts';
import type {BuildEvidence} from '../core/release/evidence.ts';
import {writeEvidence} from '../io/artifacts/evidence-files.ts';
import {setLocalChannel} from '../io/artifacts/local-channel.ts';
import {type StoredArtifact, storeVersion} from '../io/artifacts/version-folder.ts';
import {moveAndRecord} from '../io/registry/channel.ts';
import {readChannelLog} from '../io/registry/channel-log.ts';
import type {Manifest, Repository} from '../io/registry/registry.ts';
import {type Release, readRelease, readReleaseFacts} from '../io/registry/release-image.ts';
import {readTagName, releaseLabels} from '../io/registry/release-labels.ts';
import {openImageCache} from '../run/base.ts';
import {findEngine, openTarget} from '../run/connect.ts';
import {type Finding, know, runStage, type Success} from '../run/facts.ts';
import type {Run} from '../run/run.ts';
import {describeRunner} from '../run/runner.ts';
import {loadRelease} from '../stages/load-release.ts';
import {smokeTest} from './smoke.ts';

/**
 * The command `rollback`: moves the channel to a release that the registry holds already, after that very digest has
 * passed the smoke test on this machine.
 *
 * @throws Failure of kind `usage` where there is no such release, `rejected` when it fails the smoke test.
 */
export async function* runRollback(run: Run): Finding<Success> {
  const {environment, options, signal} = run;
  const {channel} = environment;
  const engine = await findEngine(run);
  const repository = await openTarget(run);
  const current = await repository.getManifest(channel);
  const manifest = await findRelease(repository, channel, options.to ?? '', current);
  const release = yield* runStage(
    run,
    'champion',
    () => readKnownRelease(repository, manifest),
    () => `${channel} is ${current?.digest ?? 'not there'}, ${options.to} is ${manifest.digest}`,
  );
  const stored = await storeRelease(options.artifacts, release);
  yield know('write', stored);
  const {artifact, digest, labels} = release;
  const tag = readTagName(release);
  const ref = `${repository.reference}:${tag}`;
  if (current?.digest === digest) {
    yield know('unchanged', {store: 'registry', ref, digest, channel});
    return 'unchanged';
  }
  const build = yield* runStage(
    run,
    'pull',
    async () => {
      const {platform} = engine;
      if (platform === null) throw new Error('a registry was opened without a container engine');
      const from = {repository, manifest, cache: openImageCache(), signal};
      const {id, sizeBytes} = await loadRelease({...engine, platform}, ref, from);
      const evidence: BuildEvidence = {
        subject: {kind: 'image', engine: engine.name, id, digest},
        tag,
        imageName: ref,
        modelVersion: artifact.version,
        serverSha256: release.serverSha256,
        layerBytes: release.layerBytes,
        sizeBytes,
        base: {name: labels[releaseLabels.baseName] ?? '', digest: labels[releaseLabels.baseDigest] ?? ''},
        digest,
        platforms: listPlatforms(manifest, platform),
      };
      await writeEvidence(stored.folder, 'build.json', evidence);
      return evidence;
    },
    () => release.reference,
  );
  yield* smokeTest(run, stored, {build, engine, scope: 'core'});
  yield* runStage(
    run,
    'push',
    async () => {
      const move = await moveAndRecord(repository, channel, manifest, {
        action: 'rollback',
        reason: options.reason ?? null,
        ...describeRunner(run),
        expected: current?.digest ?? null,
        now: () => new Date(),
      });
      if (move.status === 'contended') {
        throw new Failure('rejected', {
          code: 'CHANNEL_MOVED',
          message: `Another run moved ${repository.reference}:${channel} away from ${current?.digest ?? 'nothing'} meanwhile; it was left as that run made it.`,
          fix: 'Look at npm run history, then roll back again if that is still right.',
        });
      }
      const promoted = {subject: build.subject, store: 'registry', ref, digest, tag, channel} as const;
      await writeEvidence(stored.folder, 'release.json', promoted);
      await setLocalChannel(join(options.artifacts, artifact.name), channel, promoted);
      return {status: 'released', release: promoted};
    },
    () => `${channel} is ${digest}`,
  );
  return 'rolled_back';
}

/** The platforms of an index; of an image that which runs it here. */
function listPlatforms({content}: Manifest, here: Platform): string[] {
  if (content.kind !== 'index') return [namePlatform(here)];
  return content.manifests.flatMap(({platform}) => (platform === undefined ? [] : [namePlatform(platform)]));
}

type KnownRelease = Extract<Release, {artifact: Artifact}>;

/** Reads a release that this program can test; what it cannot read it does not roll back to. */
async function readKnownRelease(repository: Repository, manifest: Manifest): Promise<KnownRelease> {
  const release = await readRelease(repository, manifest);
  if (release.artifact !== null) return release;
  throw new Failure('usage', {
    code: 'RELEASE_UNKNOWN',
    message: `This program cannot test ${release.reference}: ${release.problem}.`,
    fix: 'Roll back with the program that promoted it, or to another release: npm run history lists them.',
  });
}

/** Keeps model and card of a release as a version of this machine, which stays as it is where it was trained here. */
async function storeRelease(root: string, {artifact, text, card}: KnownRelease): Promise<StoredArtifact> {
  const files = {'model.json': text, ...(card === null ? {} : {'model-card.md': card})};
  return {folder: await storeVersion(root, artifact, files), artifact, text, card};
}

async function findRelease(
  repository: Repository,
  channel: string,
  to: string,
  current: Manifest | undefined,
): Promise<Manifest> {
  const isPrevious = to === 'previous';
  const parent =
    isPrevious && current !== undefined ? await findHeldBefore(repository, channel, current) : null;
  const wanted = isPrevious ? parent : to;
  const manifest = wanted === null ? undefined : await repository.getManifest(wanted);
  if (manifest !== undefined) return manifest;
  const reason = !isPrevious
    ? `${repository.reference} holds no release ${to}`
    : current === undefined
      ? `${repository.reference}:${channel} does not exist, so nothing came before it`
      : parent === null
        ? `${repository.reference}:${channel} is the first release of its chain (${current.digest}) that was not withdrawn`
        : `the release before it, ${parent}, is no longer in ${repository.reference}`;
  throw new Failure('usage', {
    code: 'NO_RELEASE',
    message: `Cannot roll back: ${reason}.`,
    fix: 'npm run history lists the releases that there are; name one with --to TAG.',
  });
}

/** What the channel held before, by its log; without one what the release says that it followed. */
async function findHeldBefore(
  repository: Repository,
  channel: string,
  current: Manifest,
): Promise<string | null> {
  const log = await readChannelLog(repository, channel);
  const knows = log.entries.some(({to}) => to === current.digest);
  const before = knows ? findPrevious(log, current.digest) : null;
  if (before !== null) return before;
  const {parent} = await readReleaseFacts(repository, current);
  return parent === null || findWithdrawal(log, parent) !== undefined ? null : parent;
}
