/** Tells a person on stderr what runs and what ran. */
export interface Progress {
  /** A stage begins; on a terminal a spinner turns until `finish` or `fail`. */
  start(stage: string): void;
  /** The stage ended well: one line with its time. */
  finish(stage: string, ms: number, detail: string): void;
  /** The stage ended badly: one line with its time; the reason comes at the end of the run. */
  fail(stage: string, ms: number): void;
  /** A line of its own, in the midst of a stage. */
  note(text: string): void;
}

/** A progress for a terminal has a spinner; for anything else it writes only finished lines. */
export async function createProgress(stream: NodeJS.WriteStream): Promise<Progress> {
  const line = (stage: string, ms: number, detail: string) =>
    `${stage.padEnd(10)}${formatMs(ms).padStart(9)}  ${detail}`.trimEnd();
  // a pseudo-terminal of no width, as some CI runners give, makes a spinner repaint without end
  if (!stream.isTTY || !stream.columns) {
    const write = (text: string) => stream.write(`${text}\n`);
    return {
      start: () => {},
      finish: (stage, ms, detail) => write(line(stage, ms, detail)),
      fail: (stage, ms) => write(line(stage, ms, 'failed')),
      note: write,
    };
  }
  const {default: ora} = await import('ora');
  // ora knows nothing of NO_COLOR; Node does
  const spinner = ora({stream, discardStdin: false, ...(stream.hasColors() ? {} : {color: false})});
  return {
    start: stage => spinner.start(stage),
    finish: (stage, ms, detail) => spinner.succeed(line(stage, ms, detail)),
    fail: (stage, ms) => spinner.fail(line(stage, ms, 'failed')),
    note(text) {
      const {isSpinning} = spinner;
      if (isSpinning) spinner.stop();
      stream.write(`${text}\n`);
      if (isSpinning) spinner.start();
    },
  };
}

/** A time as a person reads it; “–” for none. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 10
    ? `${ms.toFixed(1)} ms`
    : ms < 10_000
      ? `${Math.round(ms)} ms`
      : `${(ms / 1000).toFixed(1)} s`;
}
