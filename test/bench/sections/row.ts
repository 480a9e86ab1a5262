import type {Bench} from '../bench.ts';
import {listContenders} from '../contenders.ts';
import {busyNote, compareUnderLoad} from '../load.ts';
import {listPeerGoals} from '../peer-goals.ts';
import {askForRows, checkAgreement, repeatIrises} from '../requests.ts';
import {atLeast, atMost, formatCount, formatMs, type Row, type Table} from '../table.ts';

const connections = 20;

/** One row a request: what all that surrounds a prediction costs. */
export async function benchRow(bench: Bench): Promise<Table[]> {
  const contenders = await listContenders(bench);
  const request = askForRows(repeatIrises(1));
  await checkAgreement(Object.values(contenders), request.body);
  const medians = await compareUnderLoad(contenders, request, {...bench, connections});
  const {ours, keyed, bare, fastify} = medians;
  const results: Row[] = Object.values(medians).map(({title, requestsPerSecond, p99Ms, busy}) => ({
    what: title,
    measured: [
      `${formatCount(requestsPerSecond)} /s`,
      `p99 ${formatMs(p99Ms)}`,
      `CPU ${formatCount(busy * 100)} %`,
    ],
  }));
  const rows = [
    ...results,
    atLeast('requests/s ÷ bare', ours.requestsPerSecond / bare.requestsPerSecond, 0.9),
    atLeast('requests/s with a key ÷ bare', keyed.requestsPerSecond / bare.requestsPerSecond, 0.85),
    atMost('p99 ÷ bare', ours.p99Ms / bare.p99Ms, 1.3),
    atLeast('requests/s ÷ Fastify', ours.requestsPerSecond / fastify.requestsPerSecond, 1.5),
    ...listPeerGoals(bench, medians, 'requests/s', {flask: 15, fastapi: 8}),
  ];
  return [{title: `One row a request, ${connections} connections`, rows, note: busyNote}];
}
