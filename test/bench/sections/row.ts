import type {Bench} from '../bench.ts';
import {describeFlaskLack, listContenders} from '../contenders.ts';
import {busyNote, compareUnderLoad} from '../load.ts';
import {checkAgreement, formatBody, repeatIrises} from '../requests.ts';
import {atLeast, atMost, formatCount, formatMs, type Row, type Table} from '../table.ts';

const connections = 20;

/** One row a request: what all that surrounds a prediction costs. */
export async function benchRow(bench: Bench): Promise<Table[]> {
  const contenders = await listContenders(bench);
  const body = formatBody(repeatIrises(1));
  await checkAgreement(Object.values(contenders), body);
  const {ours, bare, fastify, flask} = await compareUnderLoad(contenders, body, {...bench, connections});
  const results: Row[] = Object.values({ours, bare, fastify, flask})
    .filter(result => result !== undefined)
    .map(({title, requestsPerSecond, p99Ms, busy}) => ({
      what: title,
      measured: [
        `${formatCount(requestsPerSecond)} /s`,
        `p99 ${formatMs(p99Ms)}`,
        `CPU ${formatCount(busy * 100)} %`,
      ],
    }));
  const what = 'requests/s ÷ Flask';
  const rows = [
    ...results,
    atLeast('requests/s ÷ bare', ours.requestsPerSecond / bare.requestsPerSecond, 0.75),
    atMost('p99 ÷ bare', ours.p99Ms / bare.p99Ms, 1.3),
    atLeast('requests/s ÷ Fastify', ours.requestsPerSecond / fastify.requestsPerSecond, 1.5),
    flask === undefined
      ? {what, missing: describeFlaskLack(bench) ?? ''}
      : atLeast(what, ours.requestsPerSecond / flask.requestsPerSecond, 15),
  ];
  return [{title: `One row a request, ${connections} connections`, rows, note: busyNote}];
}
