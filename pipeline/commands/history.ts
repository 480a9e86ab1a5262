import {readHistory} from '../io/registry/history.ts';
import {formatHistory} from '../report/history-text.ts';
import {openTarget} from '../run/connect.ts';
import type {Finding, Listing} from '../run/facts.ts';
import type {Run} from '../run/run.ts';

/** The command `history`: lists what a repository holds, and which release each channel points at. */
// biome-ignore lint/correctness/useYield: it finds out nothing about a model
export async function* runHistory(run: Run): Finding<Listing> {
  const {repository} = await openTarget(run);
  const history = await readHistory(repository, run.environment.channel);
  return {json: history, text: formatHistory(history)};
}
