import {join} from 'node:path';
import {Failure} from '../core/failure.ts';
import {
  type BuildEvidence,
  getSubjectDigest,
  isSameSubject,
  type ReleaseEvidence,
  type SmokeEvidence,
  type Subject,
  type VerdictEvidence,
} from '../core/release/evidence.ts';
import {setLocalChannel, writeEvidence} from '../io/artifacts/artifacts.ts';
import {contextFolder} from '../io/artifacts/context.ts';
import type {Engine, RegistryAccess} from '../io/engine/engine.ts';
import {moveChannel} from '../io/registry/channel.ts';
import type {Manifest, Repository} from '../io/registry/registry.ts';
import {verifySubject} from './subject.ts';

export interface Evidence {
  build: BuildEvidence;
  smoke: SmokeEvidence | undefined;
  verdict: VerdictEvidence | undefined;
}

/** A repository, through its registry's HTTP interface and through an engine. */
export interface Target {
  repository: Repository;
  access: RegistryAccess;
}

export interface PushOptions {
  engine: Engine;
  /** Where to push to; null leaves the release in the engine, or without one in a folder. */
  target: Target | null;
  imageName: string;
  channel: string;
  /** Digest that the channel had when the challenger was compared with it; null where it did not exist. */
  champion: string | null;
  signal: AbortSignal;
}

export type PushOutcome = {status: 'released'; release: ReleaseEvidence} | {status: 'moved'};

/**
 * Promotes what was tested and judged, that very thing: under its version tag first, then under the channel.
 *
 * @param place the folder of the artifact, and the folder of all artifacts of its name.
 * @returns `moved` when the channel no longer points at the champion that the verdict is about: another run
 *   promoted meanwhile, and what it promoted must be compared with first.
 * @throws Failure of kind `rejected` when the evidence is missing, failed or about something else; of kind
 *   `engine` when engine or registry refuse. The channel moves last, so it never points at half a release.
 */
export async function pushRelease(
  place: {folder: string; parent: string},
  evidence: Evidence,
  options: PushOptions,
): Promise<PushOutcome> {
  requireEvidence(evidence);
  const {build} = evidence;
  await verifySubject(place.folder, build, options.engine);
  const {subject, tag} = build;
  const {engine, target, channel} = options;
  const stored =
    target === null
      ? await engine.keep(subject, {
          contextFolder: join(place.folder, contextFolder),
          imageName: options.imageName,
          tag,
          channel,
          releasesFolder: join(place.parent, 'releases'),
        })
      : await releaseToRegistry(engine, subject, target, tag, options);
  if (stored === null) return {status: 'moved'};
  const release = {subject, ...stored, tag, channel};
  await writeEvidence(place.folder, 'release.json', release);
  await setLocalChannel(place.parent, channel, release);
  return {status: 'released', release};
}

function requireEvidence({build, smoke, verdict}: Evidence): void {
  const digest = getSubjectDigest(build.subject);
  const steps = [
    {file: 'smoke.json', stage: 'smoke', found: smoke},
    {file: 'verdict.json', stage: 'gate', found: verdict},
  ];
  for (const {file, stage, found} of steps) {
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
      message: `${digest} cannot be promoted: ${problem}. A release needs a smoke test and a verdict that passed, both about exactly what is pushed.`,
      fix: `Run npm run ${stage}.`,
    });
  }
}

async function releaseToRegistry(
  engine: Engine,
  subject: Subject,
  {repository, access}: Target,
  tag: string,
  {channel, champion, signal}: PushOptions,
) {
  if (((await repository.getManifest(channel))?.digest ?? null) !== champion) return null;
  const id = getSubjectDigest(subject);
  const reference = `${repository.reference}:${tag}`;
  const existing = await repository.getManifest(tag);
  if (existing === undefined) {
    await engine.push(subject, reference, access, signal);
  } else {
    requireSameImage(existing, id, reference);
  }
  const pushed = existing ?? (await repository.getManifest(tag));
  if (pushed === undefined) throw mismatch(reference, id, 'no manifest');
  await requirePushed(engine, pushed, subject, reference);
  signal.throwIfAborted();
  if (!(await moveChannel(repository, channel, pushed, champion))) return null;
  return {store: 'registry' as const, ref: reference, digest: pushed.digest};
}

/** A version tag is never given other content. */
function requireSameImage(manifest: Manifest, id: string, reference: string): void {
  const found = readConfigDigest(manifest);
  if (found === id || manifest.digest === id) return;
  throw new Failure('engine', {
    code: 'TAG_TAKEN',
    message: `${reference} already exists with the image ${found ?? manifest.digest}; the image tested here is ${id}. A version tag is never overwritten.`,
    fix: 'Another run pushed it meanwhile: run npm run pipeline again, which takes the image that is there, tests it and goes on.',
  });
}

/** The registry must hold what was tested: by the image's id, or by the digest that the engine knows for it. */
async function requirePushed(
  engine: Engine,
  manifest: Manifest,
  subject: Subject,
  reference: string,
): Promise<void> {
  const id = getSubjectDigest(subject);
  if (readConfigDigest(manifest) === id || manifest.digest === id) return;
  if (await engine.knowsDigest(subject, manifest.digest)) return;
  throw mismatch(reference, id, manifest.digest);
}

function readConfigDigest({bytes}: Manifest): string | undefined {
  const manifest: {config?: {digest?: string}} = JSON.parse(bytes.toString());
  return manifest.config?.digest;
}

function mismatch(reference: string, expected: string, found: string): Failure {
  return new Failure('engine', {
    code: 'DIGEST_MISMATCH',
    message: `The registry holds ${found} under ${reference}, expected ${expected}: what was tested is not what is there.`,
    fix: 'Another run wrote the same tag at the same time, or the registry rewrites images: find out which before promoting anything.',
  });
}
