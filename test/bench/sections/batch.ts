import type {Bench} from '../bench.ts';
import {describeFlaskLack, listContenders} from '../contenders.ts';
import {busyNote, compareUnderLoad} from '../load.ts';
import {checkAgreement, formatBody, repeatIrises} from '../requests.ts';
import {atLeast, formatCount, type Row, type Table} from '../table.ts';

const rowsPerRequest = 10_000;
/** Two in hand and two on their way; more would only wait. */
const connections = 4;

/** Large batches: what parsing, predicting and writing numbers cost. */
export async function benchBatch(bench: Bench): Promise<Table[]> {
  const {ours, bare, flask} = await listContenders(bench);
  const contenders = {ours, bare, ...(flask === undefined ? {} : {flask})};
  const body = formatBody(repeatIrises(rowsPerRequest));
  await checkAgreement(Object.values(contenders), body);
  const medians = await compareUnderLoad(contenders, body, {...bench, connections});
  const results: Row[] = Object.values(medians).map(({title, requestsPerSecond, busy}) => ({
    what: title,
    measured: [
      `${formatCount(requestsPerSecond * rowsPerRequest)} rows/s`,
      `CPU ${formatCount(busy * 100)} %`,
    ],
  }));
  const what = 'rows/s ÷ Flask';
  const rows = [
    ...results,
    atLeast('rows/s ÷ bare', medians.ours.requestsPerSecond / medians.bare.requestsPerSecond, 1.4),
    medians.flask === undefined
      ? {what, missing: describeFlaskLack(bench) ?? ''}
      : atLeast(what, medians.ours.requestsPerSecond / medians.flask.requestsPerSecond, 6),
  ];
  const title = `${formatCount(rowsPerRequest)} rows a request, irises over and over, ${connections} connections`;
  return [{title, rows, note: busyNote}];
}
