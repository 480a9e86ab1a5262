import * as z from 'zod';
import {Verdict} from '../gate/verdict.ts';
import {Sha256Digest} from './digest.ts';
import {type Format, keepContent} from './formats.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** The one thing that was built, and that every later stage must speak of: an image, or without an engine a bundle. */
export const Subject = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('image'),
    engine: z.string(),
    /** What the engine calls the image of its own platform. */
    id: Sha256Digest,
    /** Of the index of all platforms, the same on every machine. */
    digest: Sha256Digest,
  }),
  z.strictObject({kind: z.literal('bundle'), sha256}),
]);
export type Subject = z.infer<typeof Subject>;

/** `build.json`: what was built from which model and which server. */
export const BuildEvidence = z.strictObject({
  subject: Subject,
  /** `<model version>-<first 8 hex digits of the digest>`. */
  tag: z.string().regex(/^[0-9a-f]{12}-[0-9a-f]{8}$/),
  /** The image's local name, `NAME:TAG`; null without an image. */
  imageName: z.string().nullable(),
  modelVersion: z.string(),
  serverSha256: sha256,
  /** Size of server, model, card and the files of /docs, the whole of our layer, in bytes. */
  layerBytes: z.int(),
  /** Size of the whole image in bytes, uncompressed, as the engine reports it; null without an image. */
  sizeBytes: z.int().nullable(),
  base: z.strictObject({name: z.string(), digest: z.string()}).nullable(),
  /** The digest of the index, also where there is no engine and the server runs as a process; null where no base could be asked for. */
  digest: Sha256Digest.nullable(),
  /** `linux/amd64`, for each image of the index. */
  platforms: z.array(z.string()),
});
export type BuildEvidence = z.infer<typeof BuildEvidence>;

export const Check = z.strictObject({name: z.string(), passed: z.boolean(), detail: z.string().optional()});
export type Check = z.infer<typeof Check>;

/** `smoke.json`: what the subject answered when it ran; refused where it contradicts itself. */
export const SmokeEvidence = z
  .strictObject({
    subject: Subject,
    passed: z.boolean(),
    checks: z.array(Check),
    /** From starting the container or process to its first 200 on /readyz, in ms. */
    startupMs: z.number().nullable(),
    /** Median and 99th percentile of sequential one-row predictions, in ms. */
    p50Ms: z.number().nullable(),
    p99Ms: z.number().nullable(),
  })
  .superRefine(({passed, checks}, context) => {
    const failed = checks.filter(check => !check.passed);
    if (passed) for (const {name} of failed) context.addIssue(`it passed, and its check "${name}" failed`);
    else if (failed.length === 0) context.addIssue('it failed, and each of its checks passed');
    if (passed && checks.length === 0) context.addIssue('it has no check');
  });
export type SmokeEvidence = z.infer<typeof SmokeEvidence>;

/** `verdict.json`: what the gate found about this very subject. */
export const VerdictEvidence = Verdict.safeExtend({subject: Subject});
export type VerdictEvidence = z.infer<typeof VerdictEvidence>;

/** `release.json`: where the subject was promoted to. */
export const ReleaseEvidence = z.strictObject({
  subject: Subject,
  store: z.enum(['registry', 'engine', 'folder']),
  ref: z.string(),
  digest: Sha256Digest,
  tag: z.string(),
  channel: z.string(),
});
export type ReleaseEvidence = z.infer<typeof ReleaseEvidence>;

/** What each file of evidence holds. */
export interface Evidence {
  'build.json': BuildEvidence;
  'smoke.json': SmokeEvidence;
  'verdict.json': VerdictEvidence;
  'release.json': ReleaseEvidence;
}

/** The formats of the files of evidence; version 0 has no number in it, and holds what version 1 holds. */
export const evidenceFormats: {[File in keyof Evidence]: Format<Evidence[File]>} = {
  'build.json': {
    schema: BuildEvidence,
    upgrades: [keepContent, old => ({...nameDigest(old), digest: null, platforms: []})],
  },
  'smoke.json': {schema: SmokeEvidence, upgrades: [keepContent, nameDigest]},
  'verdict.json': {schema: VerdictEvidence, upgrades: [keepContent, nameDigest]},
  'release.json': {schema: ReleaseEvidence, upgrades: [keepContent, nameDigest]},
};

/** Version 2 names an image by the digest of its index too; there was none, and the image's own stands for it. */
function nameDigest(old: object): object {
  const {data} = z.looseObject({subject: z.looseObject({id: Sha256Digest})}).safeParse(old);
  return data === undefined ? old : {...data, subject: {...data.subject, digest: data.subject.id}};
}

/** Whether two pieces of evidence speak of the same image or bundle. */
export function isSameSubject(a: Subject, b: Subject): boolean {
  return a.kind === 'image'
    ? b.kind === 'image' && a.id === b.id && a.digest === b.digest
    : b.kind === 'bundle' && a.sha256 === b.sha256;
}

/** The subject's content address, `sha256:…`. */
export function getSubjectDigest(subject: Subject): string {
  return subject.kind === 'image' ? subject.digest : `sha256:${subject.sha256}`;
}
