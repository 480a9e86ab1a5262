import {join} from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import {readTextIfThere} from '../../io/artifacts/read-text.ts';
import {FigureSet} from './figure-set.ts';

const file = 'figures.json';

/** Writes the figures beside the model that they are about, for the reports of later commands. */
export async function writeFigures(folder: string, figures: FigureSet): Promise<void> {
  await writeFileAtomic(join(folder, file), `${JSON.stringify(figures)}\n`);
}

/** Reads the figures of a version; null where they are missing or not what this program writes. */
export async function readFigures(folder: string): Promise<FigureSet | null> {
  const text = await readTextIfThere(join(folder, file));
  try {
    return FigureSet.parse(JSON.parse(text ?? 'null'));
  } catch {
    return null; // the report says that it has none
  }
}
