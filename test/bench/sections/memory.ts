import {setTimeout as sleep} from 'node:timers/promises';
import type {Bench} from '../bench.ts';
import {compare, median} from '../compare.ts';
import {describePeerLack, listContenders} from '../contenders.ts';
import {mixLoad, type RepeatedRequest} from '../load.ts';
import {askPredictions, formatBody, repeatIrises} from '../requests.ts';
import {type RunningServer, type ServerCommand, withServer} from '../server.ts';
import {atMost, formatCount, formatMiB, type Row, type Table} from '../table.ts';

/** Resident memory varies little from process to process. */
const maxRestRounds = 5;
const answersBeforeRest = 200;
const restMs = 1_000;

const connections = 20;
const sampleMs = 100;

const mixedRequests: readonly RepeatedRequest[] = [
  {method: 'POST', path: '/predict', body: formatBody(repeatIrises(1)), status: 200},
  {method: 'POST', path: '/predict', body: formatBody(repeatIrises(1_000)), status: 200},
  {method: 'POST', path: '/predict', body: '{"features":[[5.1,"x",0.2]]}', status: 400},
  {method: 'POST', path: '/predict', body: '{"features":[[5.1,', status: 400},
  {method: 'GET', path: '/metrics', status: 200},
];

/** Resident memory of the whole process: at rest, and whether it grows under a mixed load. */
export async function benchMemory(bench: Bench): Promise<Table[]> {
  if (process.platform !== 'linux') {
    return [{title: 'Resident memory', rows: [{what: 'all', missing: 'only Linux tells it in /proc'}]}];
  }
  return [await measureRest(bench), await measureGrowth(bench)];
}

/** After the first answers, and a moment without any. */
async function measureRest(bench: Bench): Promise<Table> {
  const contenders = await listContenders(bench);
  const body = formatBody(repeatIrises(1));
  const rest = async (command: ServerCommand) =>
    withServer(command, async ({url, readRssBytes}) => {
      for (let i = 0; i < answersBeforeRest; i++) await askPredictions(url, body, command.headers);
      await sleep(restMs);
      return {bytes: readRssBytes()};
    });
  const rounds = Math.min(bench.rounds, maxRestRounds);
  const named = Object.entries(contenders);
  const subjects = named.map(([name, command]) => [name, () => rest(command)] as const);
  const medians: Record<string, {bytes: number}> = await compare(Object.fromEntries(subjects), {rounds});
  const bytesOf = (name: string) => medians[name]?.bytes ?? Number.NaN;
  const peers = ['flask', 'fastapi'] as const;
  const rows: Row[] = [
    ...named.map(([name, {title}]) => ({what: title, measured: formatMiB(bytesOf(name))})),
    ...peers.flatMap(peer => {
      const missing = describePeerLack(bench, peer);
      return missing === undefined ? [] : [{what: peer, missing}];
    }),
    atMost('memory ÷ bare', bytesOf('ours') / bytesOf('bare'), 1.05),
  ];
  return {title: `Resident memory at rest, after ${answersBeforeRest} answers`, rows};
}

/** The first fifth of the load warms up; then the next fifth is compared with the last. */
async function measureGrowth(bench: Bench): Promise<Table> {
  const {ours} = await listContenders(bench);
  const loadMs = bench.soakSeconds * 1_000;
  const {samples, answers, wrong} = await withServer(ours, async server => {
    const end = new AbortController();
    const [mixed, samples] = await Promise.all([
      mixLoad(server, mixedRequests, {connections, loadMs}).finally(() => end.abort()),
      sampleMemory(server, end.signal),
    ]);
    return {...mixed, samples};
  });
  const fifth = (i: number) =>
    median(samples.slice((samples.length * i) / 5, (samples.length * (i + 1)) / 5));
  const [early, late] = [fifth(1), fifth(4)];
  const rows: Row[] = [
    {what: 'after the warm-up, a fifth of the time', measured: formatMiB(early)},
    {what: 'in the last fifth', measured: formatMiB(late)},
    atMost('growth', late / early, 1.05),
    {what: 'answers', measured: formatCount(answers)},
    atMost('of them with another status than is right', sum(wrong.values()), 0, formatCount),
    ...[...wrong].map(([what, count]) => ({what: `  ${what}`, measured: formatCount(count)})),
  ];
  return {
    title: `Resident memory of the ${ours.title} under ${bench.soakSeconds} s of rows, batches, bad requests and GET /metrics`,
    rows,
  };
}

async function sampleMemory(server: RunningServer, signal: AbortSignal): Promise<number[]> {
  const samples: number[] = [];
  for (; !signal.aborted; await sleep(sampleMs)) samples.push(server.readRssBytes());
  return samples;
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}
