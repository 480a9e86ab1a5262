import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type {KnownFacts} from '../run/facts.ts';
import type {Result} from '../run/outcome.ts';
import {describeRun} from './describe-run.ts';
import {renderMarkdown} from './markdown.ts';
import {gatherRunFacts} from './run-facts.ts';

/**
 * Writes `report.md` about a run that has ended, well or badly: to the artifacts folder, where a CI job finds it
 * without knowing the version, and beside the model where there is one.
 */
export async function writeRunReport(
  facts: KnownFacts,
  result: Result,
  {root, commandLine}: {root: string; commandLine: string},
): Promise<void> {
  const text = renderMarkdown(describeRun({...gatherRunFacts(facts, result), commandLine}));
  await mkdir(root, {recursive: true});
  for (const folder of [root, result.artifact])
    if (folder !== null) await writeFileAtomic(join(folder, 'report.md'), text);
}
