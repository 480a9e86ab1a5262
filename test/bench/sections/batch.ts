import type {Bench} from '../bench.ts';
import {listContenders} from '../contenders.ts';
import {busyNote, compareUnderLoad} from '../load.ts';
import {listPeerGoals} from '../peer-goals.ts';
import {
  askForRows,
  askForTensors,
  askPredictions,
  askTensor,
  checkAgreement,
  repeatIrises,
} from '../requests.ts';
import {withServer} from '../server.ts';
import {atLeast, formatCount, type Row, type Table} from '../table.ts';

const rowsPerRequest = 10_000;
/** Two in hand and two on their way; more would only wait. */
const connections = 4;

/** Large batches: what parsing, predicting and writing numbers cost, as JSON and as binary tensors. */
export async function benchBatch(bench: Bench): Promise<Table[]> {
  const {fastify: _, ...contenders} = await listContenders(bench);
  const irises = repeatIrises(rowsPerRequest);
  const request = askForRows(irises);
  const tensors = askForTensors('iris', irises);
  await checkAgreement(Object.values(contenders), request.body);
  await withServer(contenders.ours, async ({url}) => {
    const expected = await askPredictions(url, request.body);
    const found = await askTensor(url, tensors);
    if (String(found) !== String(expected))
      throw new Error('The tensors hold other predictions than the JSON.');
  });
  const subjects = {
    ...contenders,
    tensors: {...contenders.ours, title: 'server bundle, binary tensors', request: tensors},
  };
  const medians = await compareUnderLoad(subjects, request, {...bench, connections});
  const {ours, keyed, bare} = medians;
  const results: Row[] = Object.values(medians).map(({title, requestsPerSecond, busy}) => ({
    what: title,
    measured: [
      `${formatCount(requestsPerSecond * rowsPerRequest)} rows/s`,
      `CPU ${formatCount(busy * 100)} %`,
    ],
  }));
  const ratio = ({requestsPerSecond}: typeof ours) => requestsPerSecond / bare.requestsPerSecond;
  const rows = [
    ...results,
    atLeast('rows/s ÷ bare', ratio(ours), 1.4),
    atLeast('rows/s with a key ÷ bare', ratio(keyed), 1.4),
    atLeast('rows/s of binary tensors ÷ bare with JSON', ratio(medians.tensors), 3),
    ...listPeerGoals(bench, medians, 'rows/s', {flask: 6, fastapi: 6}),
  ];
  const title = `${formatCount(rowsPerRequest)} rows a request, irises over and over, ${connections} connections`;
  return [{title, rows, note: busyNote}];
}
