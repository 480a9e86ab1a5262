import type {Command} from '../../pipeline/commands/commands.ts';
import {commands} from '../../pipeline/commands/commands.ts';
import type {Engine} from '../../pipeline/io/engine/engine.ts';
import {RegistryAddress} from '../../pipeline/io/registry/address.ts';
import type {CommandName} from '../../pipeline/run/command-table.ts';
import {parseEnvironment} from '../../pipeline/run/environment.ts';
import {explainError} from '../../pipeline/run/explain-error.ts';
import type {Fact, Listing} from '../../pipeline/run/facts.ts';
import {parseArguments} from '../../pipeline/run/options.ts';
import {type Ending, foldResult, type Result} from '../../pipeline/run/outcome.ts';
import type {Run} from '../../pipeline/run/run.ts';

/** Where a run takes place: its artifacts, an engine without containers, and a registry in memory. */
export interface ToyPlace {
  engine: Engine;
  /** `127.0.0.1:PORT` */
  registry: string | null;
  /** The folder of all artifacts. */
  artifacts: string;
  channel?: string;
  /** The base of its images; one whose registry does not answer, unless another is given, so that the engine's is taken. */
  baseImage?: string;
}

/** Runs a command as the command line does, in this process, and gives what `--json` would print. */
export async function runToy(
  place: ToyPlace,
  name: Exclude<CommandName, 'serve' | 'history'>,
  ...args: string[]
): Promise<Result & {notes: string[]}> {
  const {run, notes} = makeRun(place, name, args);
  const found: Fact[] = [];
  const command = (await commands[name]()) as Command;
  const ending = await collect(command(run), found).catch(
    (error): Ending => ({failure: explainError(error, place.artifacts)}),
  );
  return {...foldResult(found, ending), notes};
}

/** Looks up what a channel held, as `history` does. */
export async function listToy(place: ToyPlace, ...args: string[]): Promise<Listing> {
  const command = (await commands.history()) as Command;
  const {value} = await command(makeRun(place, 'history', args).run).next();
  if (typeof value !== 'object' || !('json' in value)) throw new Error('expected a listing');
  return value;
}

function makeRun(
  {engine, registry, artifacts, channel = 'production', baseImage = '127.0.0.1:1/base/node:24'}: ToyPlace,
  name: CommandName,
  args: string[],
): {run: Run; notes: string[]} {
  const invocation = parseArguments([name, '--artifacts', artifacts, ...args]);
  if (invocation.kind === 'help') throw new Error('expected options');
  const notes: string[] = [];
  const run = {
    options: invocation.options,
    environment: {
      ...parseEnvironment({CHANNEL: channel, BASE_IMAGE: baseImage}),
      registry: registry === null ? null : RegistryAddress.parse(registry),
    },
    env: {},
    engines: {toy: {connect: async () => engine, listLoginFiles: () => []}},
    progress: {start() {}, finish() {}, fail() {}, note: (text: string) => void notes.push(text)},
    signal: new AbortController().signal,
  };
  return {run, notes};
}

async function collect(steps: ReturnType<Command>, found: Fact[]): Promise<Ending> {
  for (;;) {
    const step = await steps.next();
    if (!step.done) found.push(step.value);
    else if (typeof step.value === 'string') return {success: step.value};
    else throw new Error('expected an outcome');
  }
}
