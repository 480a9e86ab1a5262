import type {Writable} from 'node:stream';

/** Takes the lines of the log, and never waits for their reader. */
export type LogOutput = {
  /** @param lines whole lines, each ended by a newline; `count` says how many. */
  write(lines: string, count: number): void;
  /** Counts the lines dropped so far, because the reader was too slow or gone. */
  dropped(): number;
  /** Waits until all was written, or could not be, or `deadlineMs` passed. */
  finish(deadlineMs: number): Promise<void>;
};

export type LogOutputOptions = {
  /** The most that waits for a slow reader; what comes then is dropped. */
  maxHeldBytes?: number;
  /** Called when lines were dropped and the reader is back, with the number of lines not told of before. */
  onRecovery: (lines: number) => void;
};

/**
 * Creates an output to a stream, usually stdout.
 *
 * The stream must buffer instead of waiting. For pipes, sockets and terminals Node's own stdout does, and goes on
 * after an error (the reader of a FIFO comes back, a disk has room again). Writing from the thread pool, as
 * sonic-boom does, does not: while a thread waits for a blocked pipe, the process cannot exit.
 */
export function createLogOutput(
  stream: Writable,
  {maxHeldBytes = 1024 * 1024, onRecovery}: LogOutputOptions,
): LogOutput {
  unblockTerminal(stream);
  // Failed writes are counted below; without a listener they would end the process.
  stream.on('error', () => {});
  let dropped = 0;
  let told = 0;
  return {
    write(lines, count) {
      if (stream.writableLength + lines.length > maxHeldBytes) {
        dropped += count;
        return;
      }
      stream.write(lines, error => {
        if (error) dropped += count;
        else tell();
      });
    },
    dropped: () => dropped,
    async finish(deadlineMs) {
      const {promise, resolve} = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, deadlineMs);
      stream.write('', () => resolve());
      await promise;
      clearTimeout(timer);
    },
  };

  function tell(): void {
    if (dropped === told) return;
    const lines = dropped - told;
    told = dropped;
    onRecovery(lines);
  }
}

/** Node makes writes to a terminal wait, and one that was stopped with Ctrl-S would stop the server. */
function unblockTerminal(stream: Writable & {isTTY?: boolean; _handle?: {setBlocking?(on: boolean): void}}) {
  // Not a documented part of the stream, hence the question marks.
  if (stream.isTTY) stream._handle?.setBlocking?.(false);
}
