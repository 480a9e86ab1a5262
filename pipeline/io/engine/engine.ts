import type {Subject} from '../../core/release/evidence.ts';
import type {Platform} from '../../core/release/image.ts';
import type {Credentials} from '../registry/address.ts';

/** How an engine reaches a registry. */
export interface RegistryAccess {
  /** `host` or `host:port`. */
  host: string;
  plainHttp: boolean;
  /** What to log in with; null for the logins that the engine has stored. */
  credentials: Credentials | null;
}

/** The image that a release is built on. */
export interface BaseImage {
  name: string;
  digest: string;
  platform: Platform;
}

/** Builds, starts and keeps releases: docker and podman as images, `process` as the server bundle itself. */
export interface Engine {
  /** What messages and evidence call it; nobody compares it. */
  readonly name: string;
  readonly version: string;
  /** The kind of subject that it builds, starts and keeps. */
  readonly builds: Subject['kind'];
  /** The base image and its digest, pulled where the engine does not hold it; null where no image is built. */
  resolveBase(reference: string, signal: AbortSignal): Promise<BaseImage | null>;
  /** Builds what will be tested and pushed from the files of a folder. */
  build(
    recipe: {
      contextFolder: string;
      /** `NAME:TAG` */
      imageName: string;
      baseImage: string;
      labels: Readonly<Record<string, string>>;
    },
    signal: AbortSignal,
  ): Promise<{subject: Subject; imageName: string | null; sizeBytes: number | null}>;
  /** The digest that the subject has now, `sha256:…`; undefined where it is gone or of a kind that this engine does not build. */
  findDigest(subject: Subject, contextFolder: string): Promise<string | undefined>;
  /**
   * Starts the subject on a free port of 127.0.0.1, as locked down as the engine can.
   *
   * @throws Failure with the server's log where it does not start; nothing is left running then.
   */
  start(
    subject: Subject,
    options: {
      contextFolder: string;
      imageName: string | null;
      /** Variables beside those that the subject has anyway. */
      env: Readonly<Record<string, string>>;
      signal: AbortSignal;
    },
  ): Promise<RunningServer>;
  /** Keeps the subject on this machine: under its tag first, under the channel then. */
  keep(
    subject: Subject,
    release: {
      contextFolder: string;
      imageName: string;
      tag: string;
      channel: string;
      releasesFolder: string;
    },
  ): Promise<{store: 'engine' | 'folder'; ref: string; digest: string}>;
  /** Gives the subject a registry's reference, `host/path/name:tag`, and pushes it. */
  push(subject: Subject, reference: string, access: RegistryAccess, signal: AbortSignal): Promise<void>;
  /** Brings an image here by its reference with digest. */
  pull(
    reference: string,
    access: RegistryAccess,
    signal: AbortSignal,
  ): Promise<{subject: Subject; sizeBytes: number}>;
  /** Whether the engine noted this manifest digest for the subject when it pulled it; docker does when it pushes too. */
  knowsDigest(subject: Subject, manifestDigest: string): Promise<boolean>;
  /** The image with this configuration digest; undefined where the engine does not hold it. */
  findImage(configDigest: string): Promise<{subject: Subject; sizeBytes: number} | undefined>;
}

/** A subject while it runs. */
export interface RunningServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  hasEnded(): Promise<boolean>;
  /** Asks the image's own health check; null where there is none to ask. */
  checkHealth: (() => Promise<boolean>) | null;
  /** Sends SIGTERM and gives the exit code; null where it had to be killed after the grace period. */
  stop(graceMs: number): Promise<number | null>;
  /** What it wrote to stdout and stderr, the end of it. */
  readLog(): Promise<string>;
  /** Removes it, running or not; throws Failure CONTAINER_LEFT_BEHIND where it is still there. */
  remove(): Promise<void>;
}

/** One kind of engine, as `engines.ts` registers it. */
export interface Connector {
  /**
   * Asks the engine whether it is there; a string says why it is not.
   *
   * @param note told what was found and removed of runs that were killed.
   */
  connect(env: ProgramEnv, note: (text: string) => void): Promise<Engine | string>;
  /** The files in which this kind of engine stores logins, the first that names a registry counts. */
  listLoginFiles(env: ProgramEnv): string[];
}

/** The environment that programs are started with. */
export type ProgramEnv = Readonly<Record<string, string | undefined>>;
