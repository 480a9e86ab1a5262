import {constants} from 'node:os';
import {styleText} from 'node:util';
import {formatHistory, readHistory} from './commands/history.ts';
import {runPipeline, runSingleStage} from './commands/pipeline.ts';
import {rollBack} from './commands/rollback.ts';
import {serveArtifact} from './commands/serve.ts';
import {fetchData, trainModel} from './commands/train.ts';
import {exitCodes, Failure} from './core/failure.ts';
import {formatReport, type Paint} from './report/report-text.ts';
import {writeHtmlReport} from './report/write-html.ts';
import {writeRunReport} from './report/write-markdown.ts';
import {parseEnvironment} from './run/environment.ts';
import {type Options, parseArguments} from './run/options.ts';
import {createResult, type Result} from './run/outcome.ts';
import {createProgress} from './run/progress.ts';
import type {Run} from './run/run-stage.ts';

const interruption = new AbortController();
const result = createResult();
const json = process.argv.includes('--json');
/** How long a run that was interrupted may take to remove what it started, in ms. */
const cleanUpMs = 30_000;
let interruptedBy: NodeJS.Signals | undefined;
/** The run, once the command line and the environment were understood. */
let current: Run | undefined;

try {
  const invocation = parseArguments(process.argv.slice(2));
  if (invocation.kind === 'help') process.stdout.write(invocation.text);
  else await runCommand(invocation.options);
} catch (error) {
  endWith(error);
} finally {
  await report();
}

async function runCommand(options: Options): Promise<void> {
  requireNode();
  stopWhenOrphaned();
  const environment = parseEnvironment(process.env);
  const progress = await createProgress(process.stderr);
  const run: Run = {
    options,
    environment,
    env: process.env,
    progress,
    signal: interruption.signal,
    result,
    report: {},
  };
  current = run;
  // the server looks after signals itself, and runs until it gets one
  if (options.command === 'serve') return serveArtifact(run);
  if (options.command === 'history') return showHistory(run);
  listenForInterruption();
  await carryOut(run);
  if (result.outcome === 'failed') result.outcome = 'trained';
  print(result);
}

async function carryOut(run: Run): Promise<void> {
  const {command} = run.options;
  if (command === 'pipeline') return runPipeline(run);
  if (command === 'fetch') return void (await fetchData(run));
  if (command === 'train') return void (await trainModel(run));
  if (command === 'rollback') return rollBack(run);
  if (command !== 'serve' && command !== 'history') return runSingleStage(run, command);
}

/** Refuses an older Node than the project pins: a bare tsx runs on the machine's own. */
function requireNode(): void {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= 24) return;
  throw new Failure('usage', {
    code: 'OLD_NODE',
    message: `This program runs on Node 24 or later; it was started with ${process.version} (${process.execPath}).`,
    fix: 'Start it with npm run or task, which use the Node that npm ci has put into node_modules.',
  });
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

function endWith(error: unknown): void {
  const failure = explain(error);
  result.outcome = failure.kind === 'rejected' ? 'rejected' : 'failed';
  result.error = {code: failure.code, message: failure.message, fix: failure.fix};
  print(result);
  process.stderr.write(`${failure.code}: ${failure.message}\n→ ${failure.fix}\n`);
  process.exitCode =
    interruptedBy === undefined ? exitCodes[failure.kind] : 128 + constants.signals[interruptedBy];
}

function explain(error: unknown): Failure {
  if (interruptedBy !== undefined) {
    return new Failure('internal', {
      code: 'INTERRUPTED',
      message: `Stopped by ${interruptedBy}; its containers have been removed, what was written is complete.`,
      fix: 'Run the same command again.',
    });
  }
  if (error instanceof Failure) return error;
  return new Failure('internal', {
    code: 'INTERNAL',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    fix: 'This is a fault of the program, not of its input: report it with the lines above.',
    cause: error,
  });
}

async function showHistory(run: Run): Promise<void> {
  const history = await readHistory(run);
  process.stdout.write(json ? `${JSON.stringify(history)}\n` : `${formatHistory(history)}\n`);
}

/** Leaves reports behind: report.md for the commands that make or move a model, report.html beside every model. */
async function report(): Promise<void> {
  const run = current;
  if (run === undefined) return;
  const {command} = run.options;
  if (command === 'pipeline' || command === 'train' || command === 'rollback')
    await tellFailure('report.md', () => writeRunReport(run, process.argv.slice(2), process.env));
  if (command !== 'fetch' && command !== 'serve' && command !== 'history')
    await tellFailure('report.html', () => writeHtmlReport(run));
}

/** The run itself has its outcome: a report that cannot be written is told, and changes nothing. */
async function tellFailure(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    process.stderr.write(`${file} could not be written: ${error instanceof Error ? error.message : error}\n`);
  }
}

function print(what: Result): void {
  if (json) process.stdout.write(`${JSON.stringify(what)}\n`);
  else if (what.stages.length > 0)
    process.stdout.write(`${formatReport(what, {...current?.report, paint})}\n`);
}

/** Colours for a terminal; NO_COLOR and FORCE_COLOR have the last word. */
function paint(...[style, text]: Parameters<Paint>): string {
  const formats = {good: 'green', bad: 'red', title: 'bold', faint: 'dim'} as const;
  return styleText(formats[style], text, {stream: process.stdout});
}
