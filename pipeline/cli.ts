import module from 'node:module';
import {constants} from 'node:os';
import {styleText} from 'node:util';
import type {Failure} from './core/failure.ts';
import type {Fact} from './run/facts.ts';
import {explainOldNode} from './run/old-node.ts';
import type {Options} from './run/options.ts';
import type {Ending, Result} from './run/outcome.ts';
import type {Run} from './run/run.ts';

// Only types are imported but for the check of Node: an older one could not even read the rest, and each command
// loads its own part when it is asked for.

/** How long a run that was interrupted may take to remove what it started, in ms. */
const cleanUpMs = 30_000;
const interruption = new AbortController();
const args = process.argv.slice(2);
const json = args.includes('--json');
let interruptedBy: NodeJS.Signals | undefined;

// the code of some 400 modules is compiled once a machine, not at each run; Node 20 has no such thing
module.enableCompileCache?.();

const oldNode = explainOldNode(process.version, process.execPath);
if (oldNode === undefined) await main();
else {
  process.stderr.write(`${oldNode}\n`);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const [{parseArguments}, {explainError, explainInterruption}] = await Promise.all([
    import('./run/options.ts'),
    import('./run/explain-error.ts'),
  ]);
  const found: Fact[] = [];
  let options: Options | undefined;
  let ending: Ending;
  try {
    const invocation = parseArguments(args);
    if (invocation.kind === 'help') return void process.stdout.write(invocation.text);
    options = invocation.options;
    const run = await prepareRun(options);
    if (options.command === 'serve') return await serve(run);
    listenForInterruption();
    const {commands} = await import('./commands/commands.ts');
    const outcome = await collect((await commands[options.command]())(run), found);
    if (typeof outcome === 'object') return printListing(outcome);
    ending = {success: outcome};
  } catch (error) {
    const failure =
      interruptedBy === undefined
        ? explainError(error, options?.artifacts ?? 'artifacts')
        : explainInterruption(error, interruptedBy);
    ending = {failure};
  }
  await finish(found, ending, options);
}

async function prepareRun(options: Options): Promise<Run> {
  stopWhenOrphaned();
  const {createRun} = await import('./run/create-run.ts');
  const env = {...process.env};
  // no program that is started inherits a password that it does not need
  for (const secret of ['REGISTRY_PASSWORD', 'TRINO_PASSWORD']) delete process.env[secret];
  return createRun(options, env, process.stderr, interruption.signal);
}

/** The server looks after signals itself, and runs until it gets one. */
async function serve(run: Run): Promise<void> {
  const {serveArtifact} = await import('./commands/serve.ts');
  await serveArtifact(run, path => {
    process.env.MODEL_PATH = path;
  });
}

/** Runs a command to its end, and keeps what it finds out also where it fails on the way. */
async function collect<Outcome>(steps: AsyncGenerator<Fact, Outcome, void>, found: Fact[]): Promise<Outcome> {
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
    found.push(step.value);
  }
}

/** Prints the result, sets the exit code, and leaves reports behind. */
async function finish(found: readonly Fact[], ending: Ending, options: Options | undefined): Promise<void> {
  const [{foldResult}, {gatherFacts}, {exitCodes}] = await Promise.all([
    import('./run/outcome.ts'),
    import('./run/facts.ts'),
    import('./core/failure.ts'),
  ]);
  const result = foldResult(found, ending);
  const facts = gatherFacts(found);
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else if (result.stages.length > 0) {
    const [{describeRun}, {gatherRunFacts}, {formatTerminal}] = await Promise.all([
      import('./report/describe-run.ts'),
      import('./report/run-facts.ts'),
      import('./report/terminal.ts'),
    ]);
    const report = describeRun(gatherRunFacts(facts, result));
    process.stdout.write(`${formatTerminal(report, paint, process.stdout.columns || 80)}\n`);
  }
  if ('failure' in ending) {
    printFailure(ending.failure);
    process.exitCode =
      interruptedBy === undefined ? exitCodes[ending.failure.kind] : 128 + constants.signals[interruptedBy];
  }
  if (options !== undefined) await leaveReports(facts, result, options);
}

/** Leaves report.md behind for the commands that make or move a model, and report.html beside every model. */
async function leaveReports(
  facts: Parameters<typeof import('./report/write-html.ts').writeHtmlReport>[0],
  result: Result,
  {command, artifacts: root}: Options,
): Promise<void> {
  if (command === 'pipeline' || command === 'train' || command === 'rollback') {
    await tellFailure('report.md', async () => {
      const [{writeRunReport}, {formatCommandLine}] = await Promise.all([
        import('./report/write-markdown.ts'),
        import('./run/command-line.ts'),
      ]);
      const commandLine = formatCommandLine(args, process.env);
      await writeRunReport(facts, result, {root, commandLine});
    });
  }
  if (result.artifact === null || interruptedBy !== undefined) return;
  await tellFailure('report.html', async () => {
    const {writeHtmlReport} = await import('./report/write-html.ts');
    await writeHtmlReport(facts, result);
  });
}

/** The run itself has its outcome: a report that cannot be written is told, and changes nothing. */
async function tellFailure(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    process.stderr.write(`${file} could not be written: ${error instanceof Error ? error.message : error}\n`);
  }
}

function printListing({json: value, text}: {json: unknown; text: string}): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`);
}

function printFailure({code, message, fix}: Failure): void {
  process.stderr.write(`${code}: ${message}\n→ ${fix}\n`);
}

/**
 * Under npm a shell stands between npm and this process, and a signal to npm ends only those two: a run that
 * nobody waits for any more, or a server that nobody can stop, then takes it as a signal to itself.
 */
function stopWhenOrphaned(): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  timer.unref();
}

/** The first signal stops the run at its next step, after it has cleaned up; Ctrl-C once more after 5 s ends it at once. */
function listenForInterruption(): void {
  let firstAt = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // one Ctrl-C arrives more than once, and late under load: from the terminal, and from npm, which passes it on
      const isInsistent =
        name === 'SIGINT' && interruptedBy !== undefined && performance.now() - firstAt > 5_000;
      if (isInsistent) process.exit(128 + constants.signals[name]);
      if (interruptedBy !== undefined) return;
      firstAt = performance.now();
      interruptedBy = name;
      interruption.abort();
      setTimeout(() => process.exit(128 + constants.signals[name]), cleanUpMs).unref();
    });
  }
  // a terminal that was closed must not end the clean-up
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Colours for a terminal; NO_COLOR and FORCE_COLOR have the last word. */
function paint(style: 'good' | 'bad' | 'title' | 'faint', text: string): string {
  const formats = {good: 'green', bad: 'red', title: 'bold', faint: 'dim'} as const;
  return styleText(formats[style], text, {stream: process.stdout});
}
