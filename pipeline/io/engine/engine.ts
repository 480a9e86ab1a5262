import type {Platform} from '../../core/release/base.ts';
import type {Subject} from '../../core/release/evidence.ts';
import type {LoadableImage} from './image-archive.ts';

/** An image that an engine holds, for others to be built on. */
export interface HeldImage {
  name: string;
  /** The digest that its own repository has for it; its id where no repository has one. */
  digest: string;
  /** `sha256:` and the hash of its configuration. */
  id: string;
  /** Writes it into a file, in docker's format of archives. */
  save(path: string): Promise<void>;
}

/** Runs and keeps releases: docker and podman as images, `process` as the server bundle itself. */
export interface Engine {
  /** What messages and evidence call it; nobody compares it. */
  readonly name: string;
  readonly version: string;
  /** The platform whose images it runs; null where it runs the server bundle itself. */
  readonly platform: Platform | null;
  /** Finds an image, which is pulled where the engine does not hold it. */
  findBase(reference: string, signal: AbortSignal): Promise<HeldImage>;
  /** Takes an image in under its name; gives the engine's id for it. */
  load(image: LoadableImage, signal: AbortSignal): Promise<{id: string; sizeBytes: number}>;
  /** What the engine has for the subject now, `sha256:…`; undefined where it is gone or of a kind that it does not run. */
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
