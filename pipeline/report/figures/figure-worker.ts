import {Worker} from 'node:worker_threads';
import {type FigureData, listBuffers} from './figure-data.ts';
import type {FigureSet} from './figure-set.ts';

export type DrawnFigures = Omit<FigureSet, 'commit'>;

/** A thread that draws figures while the run goes on. */
export interface FigureWorker {
  /**
   * Draws once; the arrays of `data` move to the thread and are empty here afterwards.
   *
   * @throws Error when the thread fails, is stopped, or takes longer than a minute.
   */
  draw(data: FigureData): Promise<DrawnFigures>;
  /** Ends the thread, whatever it does. */
  stop(): Promise<void>;
}

const deadlineMs = 60_000;

/**
 * Starts the thread, which takes a quarter of a second to load its library.
 *
 * @param signal stops it.
 */
export function startFigureWorker(signal: AbortSignal): FigureWorker {
  // Node reads the sources itself: without the loader of the main thread it starts sooner
  const worker = new Worker(new URL('./figure-thread.ts', import.meta.url), {execArgv: []});
  const drawn = new Promise<DrawnFigures>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', code => reject(new Error(`The thread that draws ended with code ${code}.`)));
  });
  // it may fail long before anybody waits for it
  drawn.catch(() => {});
  const stop = async () => {
    await worker.terminate();
  };
  signal.addEventListener('abort', stop, {once: true});
  const end = () => {
    signal.removeEventListener('abort', stop);
    return stop();
  };
  return {
    async draw(data) {
      worker.postMessage(data, listBuffers(data));
      const timer = setTimeout(end, deadlineMs);
      try {
        return await drawn;
      } finally {
        clearTimeout(timer);
        await end();
      }
    },
    stop: end,
  };
}
