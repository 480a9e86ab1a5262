import type {Connectors} from '../io/engine/engines.ts';
import type {Environment} from './environment.ts';
import type {Options} from './options.ts';
import type {Progress} from './progress.ts';

/** What a run is told; nothing of it changes while the run goes on. */
export interface Run {
  readonly options: Options;
  readonly environment: Environment;
  /** All variables of the environment, for the programs that the run starts and for proxies. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The container engines that there are. */
  readonly engines: Connectors;
  readonly progress: Progress;
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal;
}
