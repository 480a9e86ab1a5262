import {$} from 'zx/core';
import {Failure} from '../../core/failure.ts';
import type {ProgramEnv} from './engine.ts';

/** What a program wrote, and how it ended. */
export interface Output {
  /** null where it never ran or was stopped; `problem` says which. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
  problem: string | undefined;
}

interface CommandOptions {
  timeoutMs: number;
  /** Stops the program; the call then throws the signal's reason. */
  signal?: AbortSignal;
  /** What the program reads from standard input, which is closed without it. */
  input?: string;
  /** Variables beside those of all commands. */
  env?: ProgramEnv;
  /** Keeps a Ctrl-C of the terminal from it, which reaches all programs that were started there. */
  detached?: boolean;
}

/** Runs a command that is given as a template, silently, and leaves its exit code to the caller. */
export type RunCommand = (
  options: CommandOptions,
) => (pieces: TemplateStringsArray, ...values: (string | readonly string[])[]) => Promise<Output>;

/** How long an engine may take for what needs no work, in ms. */
export const answerTimeoutMs = 15_000;

/** More than an engine says about anything, in bytes of stdout and stderr together. */
const maxOutputBytes = 16 * 2 ** 20;
/** How long a program may take to end after SIGTERM before it gets SIGKILL, in ms. */
const stopGraceMs = 5_000;

/** What no program that is started here needs: passwords, and files that a shell would run first. */
const withheld = {
  REGISTRY_PASSWORD: undefined,
  TRINO_PASSWORD: undefined,
  ENV: undefined,
  BASH_ENV: undefined,
};

/**
 * Makes zx's `$` start programs in this environment through /bin/sh, which reads no start-up files of the user (a
 * bash called by its own name reads ~/.bashrc wherever SHLVL is not set and standard input is a socket), and
 * which each program then replaces, so that signals reach the program itself.
 */
export function createCommand(env: ProgramEnv): RunCommand {
  return ({timeoutMs, signal, input, env: own, detached = false}) =>
    async (pieces, ...values) => {
      signal?.throwIfAborted();
      // every option that ZX_ variables could change is given
      const running = $({
        shell: '/bin/sh',
        prefix: 'exec ',
        postfix: '',
        quote: quoteForShell,
        env: {...env, ...withheld, ...own},
        stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        ...(input === undefined ? {} : {input}),
        nothrow: true,
        quiet: true,
        verbose: false,
        preferLocal: false,
        detached,
      })(pieces, ...values.map(value => (typeof value === 'string' ? value : [...value])));
      const {child} = running;
      let problem: string | undefined;
      const stop = (why: string) => {
        problem ??= why;
        child?.kill('SIGTERM');
        setTimeout(() => child?.kill('SIGKILL'), stopGraceMs).unref();
        // what it has started itself may hold the pipes for longer
        child?.once('exit', () => {
          child.stdout?.destroy();
          child.stderr?.destroy();
        });
      };
      const timer = setTimeout(() => stop(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
      const onAbort = () => stop('it was interrupted');
      signal?.addEventListener('abort', onAbort, {once: true});
      let bytes = 0;
      for (const stream of [child?.stdout, child?.stderr])
        stream?.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > maxOutputBytes) stop(`it wrote more than ${maxOutputBytes / 2 ** 20} MiB`);
        });
      // a program may end without reading what it is given
      child?.stdin?.on('error', () => {});
      try {
        const output = await running;
        signal?.throwIfAborted();
        if (output.cause !== null && problem === undefined)
          problem = `/bin/sh could not be started (${output.cause.message})`;
        const exitCode = problem === undefined ? output.exitCode : null;
        return {exitCode, stdout: output.stdout, stderr: output.stderr, problem};
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      }
    };
}

/** A Failure of kind `engine` that quotes the last lines of what the command wrote. */
export function engineFailure(code: string, what: string, output: Output, fix: string): Failure {
  return new Failure('engine', {code, message: `${what}: ${quoteEnd(output)}`, fix});
}

/** The last lines that a command wrote, or why it wrote none. */
export function quoteEnd(output: Output, lines = 12): string {
  if (output.problem !== undefined) return output.problem;
  const text = output.stderr.trim() || output.stdout.trim();
  return text.split('\n').slice(-lines).join('\n') || `exit code ${output.exitCode}`;
}

/** One word for any POSIX shell. */
function quoteForShell(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
