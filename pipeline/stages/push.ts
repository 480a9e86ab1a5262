import {join} from 'node:path';
import {Failure} from '../core/failure.ts';
import {
  type BuildEvidence,
  getSubjectDigest,
  isSameSubject,
  type ReleaseEvidence,
  type SmokeEvidence,
  type VerdictEvidence,
} from '../core/release/evidence.ts';
import {contextFolder} from '../io/artifacts/context.ts';
import {writeEvidence} from '../io/artifacts/evidence-files.ts';
import {setLocalChannel} from '../io/artifacts/local-channel.ts';
import type {StoredArtifact} from '../io/artifacts/version-folder.ts';
import type {Engine} from '../io/engine/engine.ts';
import {layoutFolder, readLayout} from '../io/image/layout.ts';
import {pushImage} from '../io/image/push-image.ts';
import type {BaseSource} from '../io/image/registry-base.ts';
import {moveAndRecord} from '../io/registry/channel.ts';
import type {Repository} from '../io/registry/registry.ts';
import {requireUnchanged} from './subject.ts';
import {requireNotWithdrawn} from './withdrawn.ts';

export interface PushOptions {
  engine: Engine;
  /** Where to push to; null leaves the release with the engine. */
  target: Repository | null;
  /** The folder of all artifacts. */
  root: string;
  imageName: string;
  channel: string;
  /** Digest that the channel had when the challenger was compared with it; null where it did not exist. */
  champion: string | null;
  /** Opens the base that was built on, for layers that the registry lacks. */
  openBase: () => Promise<BaseSource>;
  /** Who promotes, for the channel's log. */
  runner: {who: string | null; run: string | null};
  signal: AbortSignal;
}

/** `moved`: the channel no longer holds the champion that the verdict is about, but what another run promoted. */
export type PushOutcome = {status: 'released'; release: ReleaseEvidence} | {status: 'moved'};

/**
 * Promotes what was tested and judged, that very thing: under its version tag first, then under the channel.
 *
 * @throws Failure of kind `rejected` when the evidence is missing, failed or about something else; of kind
 *   `engine` when engine or registry refuse. The channel moves last, so it never points at half a release.
 */
export async function push(
  {folder, artifact}: StoredArtifact,
  evidence: {build: BuildEvidence; smoke: SmokeEvidence | undefined; verdict: VerdictEvidence | undefined},
  options: PushOptions,
): Promise<PushOutcome> {
  requireProofs(evidence);
  const {build} = evidence;
  const {engine, target, channel, root, imageName} = options;
  await requireUnchanged({folder, artifact}, build, engine);
  const {subject, tag} = build;
  const parent = join(root, artifact.name);
  const kept =
    target === null
      ? await engine.keep(subject, {
          contextFolder: join(folder, contextFolder),
          imageName,
          tag,
          channel,
          releasesFolder: join(parent, 'releases'),
        })
      : await releaseToRegistry(join(folder, layoutFolder), build, target, options);
  if (kept === null) return {status: 'moved'};
  const release: ReleaseEvidence = {subject, ...kept, tag, channel};
  await writeEvidence(folder, 'release.json', release);
  await setLocalChannel(parent, channel, release);
  return {status: 'released', release};
}

function requireProofs({
  build,
  smoke,
  verdict,
}: {
  build: BuildEvidence;
  smoke: SmokeEvidence | undefined;
  verdict: VerdictEvidence | undefined;
}): void {
  const proofs = [
    {file: 'smoke.json', stage: 'smoke', found: smoke},
    {file: 'verdict.json', stage: 'gate', found: verdict},
  ];
  for (const {file, stage, found} of proofs) {
    const problem =
      found === undefined
        ? `there is no ${file}`
        : !isSameSubject(found.subject, build.subject)
          ? `${file} is about ${getSubjectDigest(found.subject)}`
          : found.passed
            ? undefined
            : `${file} says that it failed`;
    if (problem === undefined) continue;
    throw new Failure('rejected', {
      code: 'EVIDENCE_MISSING',
      message: `${getSubjectDigest(build.subject)} cannot be promoted: ${problem}. A release needs a smoke test and a verdict that passed, both about exactly what is pushed.`,
      fix: `Run npm run ${stage}.`,
    });
  }
}

async function releaseToRegistry(
  layout: string,
  {tag, digest}: BuildEvidence,
  repository: Repository,
  {channel, champion, openBase, runner, signal}: PushOptions,
) {
  const held = await repository.getManifest(channel);
  if ((held?.digest ?? null) !== champion) return null;
  if (digest === null) {
    throw new Failure('rejected', {
      code: 'EVIDENCE_OUTDATED',
      message: `build.json of ${tag} was written by an earlier program, whose images were built by the engine: it does not say which digest the registry would hold.`,
      fix: 'Run npm run build, then npm run smoke and npm run gate.',
    });
  }
  const image = await readLayout(layout, digest);
  const reference = `${repository.reference}:${tag}`;
  const existing = await repository.getManifest(tag);
  if (existing === undefined) await pushImage(repository, tag, image, {champion: held, openBase});
  else {
    requireSameImage(existing.digest, digest, reference);
    await requireNotWithdrawn(repository, channel, {digest, tag});
  }
  const pushed = existing ?? (await repository.getManifest(tag));
  if (pushed?.digest !== digest) {
    throw new Failure('engine', {
      code: 'DIGEST_MISMATCH',
      message: `The registry holds ${pushed?.digest ?? 'no manifest'} under ${reference}, expected ${digest}: what was tested is not what is there.`,
      fix: 'Another run wrote the same tag at the same time, or the registry rewrites images: find out which before promoting anything.',
    });
  }
  signal.throwIfAborted();
  const now = () => new Date();
  const why = {action: 'promote', reason: null, ...runner, expected: champion, now} as const;
  const move = await moveAndRecord(repository, channel, pushed, why);
  if (move.status === 'contended') return null;
  return {store: 'registry' as const, ref: reference, digest};
}

/** A version tag is never given other content. */
export function requireSameImage(found: string, expected: string, reference: string): void {
  if (found === expected) return;
  throw new Failure('engine', {
    code: 'TAG_TAKEN',
    message: `${reference} already exists with the image ${found}; the image built here is ${expected}. A version tag is never overwritten.`,
    fix: 'Find out who pushed it; then delete that tag in the registry and run the same command again.',
  });
}
