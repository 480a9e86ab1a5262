import {readFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import {readEvaluation} from '../io/artifacts/evaluation-file.ts';
import {readRevision} from '../io/artifacts/revision.ts';
import type {KnownFacts} from '../run/facts.ts';
import type {Result} from '../run/outcome.ts';
import type {FigureSet} from './figures/figure-set.ts';
import {readFigures, writeFigures} from './figures/figures-file.ts';
import type {ReportFacts} from './html/report-facts.ts';
import {renderReportPage} from './html/report-page.ts';

/** The look of the server's page, and what only a report has. */
const styles = ['../../serve/page/client/base.css', 'html/report.css'];

/** Writes `report.html` beside the model that a run was about, once it has ended, well or badly; nothing where it was about none. */
export async function writeHtmlReport(facts: KnownFacts, result: Result): Promise<void> {
  const {write: stored} = facts;
  if (stored === undefined) return;
  const {folder, artifact} = stored;
  const drawn = await drawFigures(facts);
  if (drawn !== null) await writeFigures(folder, drawn);
  const report: ReportFacts = {
    artifact,
    evaluation: facts.evaluate ?? (await readEvaluation(stored).catch(() => null)),
    figures: drawn ?? (await readFigures(folder)),
    outcome: result.outcome,
    rules: facts.rules ?? [],
    error: result.error && {
      code: result.error.code,
      message: hidePlace(result.error.message, folder),
      fix: hidePlace(result.error.fix, folder),
    },
    build: facts.build ?? facts.pull ?? null,
    smoke: facts.smoke ?? null,
    gate: facts.gate ?? null,
    release: result.release && {...result.release, ref: hidePlace(result.release.ref, folder)},
    comparison: facts.gate?.comparison,
  };
  const sheets = await Promise.all(styles.map(path => readFile(join(import.meta.dirname, path), 'utf8')));
  await writeFileAtomic(join(folder, 'report.html'), renderReportPage(report, sheets.join('')));
}

async function drawFigures({validate, split, train, evaluate}: KnownFacts): Promise<FigureSet | null> {
  if (validate === undefined || split === undefined || train === undefined || evaluate === undefined)
    return null;
  const [{drawFigures: draw}, {packFigureData}, revision] = await Promise.all([
    import('./figures/draw-figures.ts'),
    import('./figures/figure-data.ts'),
    readRevision(),
  ]);
  return {
    commit: revision?.commit ?? null,
    ...draw(packFigureData({...validate, split, model: train, evaluation: evaluate})),
  };
}

/** A text without the place of the artifacts folder, which is another on each machine. */
function hidePlace(text: string, folder: string): string {
  const parent = dirname(folder);
  return text.replaceAll(parent, basename(parent));
}
