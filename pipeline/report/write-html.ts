import {readFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import {isSameSubject, type Subject} from '../core/release/evidence.ts';
import {openArtifact, readEvidence} from '../io/artifacts/artifacts.ts';
import {readEvaluation} from '../io/artifacts/evaluation-file.ts';
import type {Run} from '../run/run-stage.ts';
import {readFigures, writeFigures} from './figures/figure-job.ts';
import type {ReportFacts} from './html/report-facts.ts';
import {renderReportPage} from './html/report-page.ts';

/** The look of the server's page, and what only a report has. */
const styles = ['../../serve/page/client/base.css', 'html/report.css'];

/**
 * Writes `report.html` beside the model that a run was about, once it has ended, well or badly; nothing where it was
 * about none. Waits for the figures, and writes them to `figures.json`.
 */
export async function writeHtmlReport(run: Run): Promise<void> {
  const {result, options, progress} = run;
  const drawn = await run.figures?.finish().catch(error => {
    progress.note(`The figures of report.html could not be drawn: ${error.message}`);
  });
  const {artifact: folder} = result;
  if (folder === null) return;
  if (drawn !== undefined) await writeFigures(folder, drawn);
  const stored = await openArtifact(options.artifacts, basename(dirname(folder)), basename(folder));
  const facts: ReportFacts = {
    artifact: stored.artifact,
    evaluation: run.report.evaluation ?? (await readEvaluation(stored).catch(() => null)),
    figures: drawn ?? (await readFigures(folder)),
    outcome: result.outcome,
    rules: run.report.rules ?? [],
    error: result.error && {
      code: result.error.code,
      message: hidePlace(result.error.message, folder),
      fix: hidePlace(result.error.fix, folder),
    },
    ...(await gatherEvidence(run, folder)),
  };
  const sheets = await Promise.all(styles.map(path => readFile(join(import.meta.dirname, path), 'utf8')));
  await writeFileAtomic(join(folder, 'report.html'), renderReportPage(facts, sheets.join('')));
}

/** What this run found out of the version, and for a command of one stage also what that stage rests on. */
async function gatherEvidence(
  {options: {command}, result, report}: Run,
  folder: string,
): Promise<Pick<ReportFacts, 'build' | 'smoke' | 'gate' | 'release' | 'comparison'>> {
  // what cannot be read has ended the run already, with its reason
  const read = async <F extends 'build.json' | 'smoke.json' | 'verdict.json'>(file: F) =>
    (await readEvidence(folder, file).catch(() => undefined)) ?? null;
  const isSingle = command === 'build' || command === 'smoke' || command === 'gate' || command === 'push';
  const build = report.build ?? (isSingle ? await read('build.json') : null);
  const ifSame = <E extends {subject: Subject}>(evidence: E | null) =>
    evidence !== null && build !== null && isSameSubject(evidence.subject, build.subject) ? evidence : null;
  const smoke = command === 'gate' || command === 'push' ? ifSame(await read('smoke.json')) : null;
  const verdict = command === 'push' ? ifSame(await read('verdict.json')) : null;
  return {
    build,
    smoke: result.smoke ?? smoke,
    gate: result.gate ?? verdict,
    release: result.release && {...result.release, ref: hidePlace(result.release.ref, folder)},
    comparison: report.comparison ?? verdict?.comparison,
  };
}

/** A text without the place of the artifacts folder, which is another on each machine. */
function hidePlace(text: string, folder: string): string {
  const parent = dirname(folder);
  return text.replaceAll(parent, basename(parent));
}
