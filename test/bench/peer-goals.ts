import type {Bench} from './bench.ts';
import {describePeerLack, type Peer} from './contenders.ts';
import type {LoadResult} from './load.ts';
import {atLeast, type Row} from './table.ts';

const names: Record<Peer, string> = {flask: 'Flask', fastapi: 'FastAPI'};

/** Lists how many times the requests of each server in Python ours should answer; or why that was not measured. */
export function listPeerGoals(
  bench: Bench,
  medians: {ours: LoadResult} & {[P in Peer]?: LoadResult | undefined},
  unit: string,
  goals: Record<Peer, number>,
): Row[] {
  return (['flask', 'fastapi'] as const).map(peer => {
    const what = `${unit} ÷ ${names[peer]}`;
    const measured = medians[peer];
    if (measured === undefined) return {what, missing: describePeerLack(bench, peer) ?? ''};
    return atLeast(what, medians.ours.requestsPerSecond / measured.requestsPerSecond, goals[peer]);
  });
}
