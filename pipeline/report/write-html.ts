import {readFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import {readEvaluation} from '../io/artifacts/evaluation-file.ts';
import {readRevision} from '../io/artifacts/revision.ts';
import type {KnownFacts} from '../run/facts.ts';
import type {Result} from '../run/outcome.ts';
import {describeRun} from './describe-run.ts';
import type {FigureSet} from './figures/figure-set.ts';
import {readFigures, writeFigures} from './figures/figures-file.ts';
import {renderHtml} from './html.ts';
import {gatherRunFacts, type RunFacts} from './run-facts.ts';

/** The look of the server's page, and what only a report has. */
const styles = ['../../serve/page/client/base.css', 'report.css'];

/**
 * Writes `report.html` beside the model that a run was about, once it has ended, well or badly; nothing where it was
 * about none. A run that trained has its figures drawn now, for the reports of later commands too.
 */
export async function writeHtmlReport(facts: KnownFacts, result: Result): Promise<void> {
  const {write: stored} = facts;
  if (stored === undefined) return;
  const drawn = await drawFigures(facts);
  if (drawn !== null) await writeFigures(stored.folder, drawn);
  const run = {
    ...gatherRunFacts(facts, result),
    evaluation: facts.evaluate ?? (await readEvaluation(stored).catch(() => null)),
    figures: drawn ?? (await readFigures(stored.folder)),
  };
  const sheets = await Promise.all(styles.map(path => readFile(join(import.meta.dirname, path), 'utf8')));
  const page = renderHtml(describeRun(hidePlace(run, dirname(stored.folder))), sheets.join(''));
  await writeFileAtomic(join(stored.folder, 'report.html'), page);
}

/** Draws what is known of a model that this run trained; null for another. */
async function drawFigures({validate, split, train, evaluate}: KnownFacts): Promise<FigureSet | null> {
  if (validate === undefined || split === undefined || train === undefined || evaluate === undefined)
    return null;
  const [{drawFigures: draw}, revision] = await Promise.all([
    import('./figures/draw-figures.ts'),
    readRevision(),
  ]);
  return draw({...validate, split, model: train, evaluation: evaluate}, revision?.commit ?? null);
}

/** The same facts without the place of the artifacts folder, which is another on each machine. */
function hidePlace(run: RunFacts, parent: string): RunFacts {
  const hide = (text: string) => text.replaceAll(parent, basename(parent));
  const {error, release} = run;
  return {
    ...run,
    error: error && {...error, message: hide(error.message), fix: hide(error.fix)},
    release: release && {...release, ref: hide(release.ref)},
  };
}
