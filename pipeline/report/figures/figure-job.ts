import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import {readRevision} from '../../io/artifacts/revision.ts';
import {packFigureData} from './figure-data.ts';
import {FigureSet} from './figure-set.ts';
import {startFigureWorker} from './figure-worker.ts';

/** The figures of a run, drawn beside it. */
export interface FigureJob {
  /** Begins to draw; what may go wrong is told by `finish`. */
  draw(facts: Parameters<typeof packFigureData>[0]): void;
  /** The figures, once they are done; undefined when nothing was to be drawn. */
  finish(): Promise<FigureSet | undefined>;
}

const file = 'figures.json';

/** Gets ready to draw, so that no time is lost when the numbers are there. */
export function prepareFigures(signal: AbortSignal): FigureJob {
  const worker = startFigureWorker(signal);
  const revision = readRevision();
  let figures: Promise<FigureSet> | undefined;
  return {
    draw(facts) {
      figures = worker
        .draw(packFigureData(facts))
        .then(async drawn => ({commit: (await revision)?.commit ?? null, ...drawn}));
      // told by finish
      figures.catch(() => {});
    },
    async finish() {
      if (figures === undefined) await worker.stop();
      return figures;
    },
  };
}

/** Writes the figures beside the model that they are about, for the reports of later commands. */
export async function writeFigures(folder: string, figures: FigureSet): Promise<void> {
  await writeFileAtomic(join(folder, file), `${JSON.stringify(figures)}\n`);
}

/** Reads the figures of a version; null where they are missing or not what this program writes. */
export async function readFigures(folder: string): Promise<FigureSet | null> {
  const text = await readFile(join(folder, file), 'utf8').catch(() => 'null');
  try {
    return FigureSet.parse(JSON.parse(text));
  } catch {
    return null; // the report says that it has none
  }
}
