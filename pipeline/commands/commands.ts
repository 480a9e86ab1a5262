import type {CommandName} from '../run/command-table.ts';
import type {Finding, Listing, Success} from '../run/facts.ts';
import type {Run} from '../run/run.ts';

/** Yields what the run finds out; ends with its outcome, or with what it looked up. */
export type Command = (run: Run) => Finding<Success | Listing>;

/** Every command but `serve`, which is no run but a server; loaded only when it is asked for. */
export const commands: Record<Exclude<CommandName, 'serve'>, () => Promise<Command>> = {
  pipeline: async () => (await import('./pipeline.ts')).runPipeline,
  fetch: async () => (await import('./fetch.ts')).runFetch,
  train: async () => (await import('./train.ts')).runTrain,
  build: async () => (await import('./build.ts')).runBuild,
  smoke: async () => (await import('./smoke.ts')).runSmoke,
  gate: async () => (await import('./gate.ts')).runGate,
  push: async () => (await import('./push.ts')).runPush,
  history: async () => (await import('./history.ts')).runHistory,
  rollback: async () => (await import('./rollback.ts')).runRollback,
};
