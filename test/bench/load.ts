import {setTimeout as sleep} from 'node:timers/promises';
import autocannon, {type LoadClient, type LoadRequest} from 'autocannon';
import {compare} from './compare.ts';
import {jsonHeaders, type PredictRequest} from './requests.ts';
import {type RunningServer, type ServerCommand, withServer} from './server.ts';

/** What the tables say of `busy`. */
export const busyNote = 'CPU of the server: where it is well below 100 %, the machine was not left alone';

export type LoadPlan = {
  connections: number;
  /** Load before the measured one: compilers and buffers settle. */
  warmUpMs: number;
  loadMs: number;
};

export type LoadResult = {
  requestsPerSecond: number;
  p99Ms: number;
  /** Processor seconds of the server per second: well below 1, the client or the machine was the limit. */
  busy: number;
};

/** A request that is sent again and again, and the status that is right for it. */
export type RepeatedRequest = {method: 'GET' | 'POST'; path: string; body?: string; status: number};

/**
 * Loads servers with a request, or the one that is a server's own, in shuffled rounds, each time in a new process: how well its code gets compiled differs from
 * process to process.
 *
 * @returns the medians, and the titles, under the names of the commands.
 */
export async function compareUnderLoad<S extends Record<string, ServerCommand & {request?: PredictRequest}>>(
  commands: S,
  request: PredictRequest,
  plan: LoadPlan & {rounds: number},
): Promise<{[K in keyof S]: LoadResult & {title: string}}> {
  const subjects = Object.entries(commands).map(([name, command]) => {
    const own = command.request ?? request;
    const sent = {...own, headers: {...own.headers, ...command.headers}};
    return [name, () => withServer(command, server => loadServer(server, sent, plan))] as const;
  });
  const medians = await compare(Object.fromEntries(subjects), plan);
  const titled = Object.entries(commands).map(([name, {title}]) => [name, {title, ...medians[name]}]);
  return Object.fromEntries(titled);
}

/**
 * Loads a server with different requests in turn for a time.
 *
 * @returns the answers, and among them those with another status than the request's.
 */
export async function mixLoad(
  server: RunningServer,
  requests: readonly RepeatedRequest[],
  {connections, loadMs}: {connections: number; loadMs: number},
): Promise<{answers: number; wrong: Map<string, number>}> {
  const wrong = new Map<string, number>();
  let answers = 0;
  const run = startLoad(
    server,
    connections,
    loadMs,
    requests.map(({method, path, body, status}) => ({
      method,
      path,
      ...(body === undefined ? {} : {headers: jsonHeaders, body}),
      onResponse: found => {
        answers++;
        const what = `${method} ${path}: ${found}`;
        if (found !== status) wrong.set(what, (wrong.get(what) ?? 0) + 1);
      },
    })),
  );
  await sleep(loadMs);
  run.stop();
  const {errors, timeouts} = await run;
  if (errors + timeouts > 0) wrong.set('errors and timeouts', errors + timeouts);
  return {answers, wrong};
}

/**
 * Loads a server with one request over and over, each connection sending the next when the last is answered.
 *
 * autocannon runs in this process, which waits for the server anyway and whose client code is warm after the
 * first round; it needs less processor time than bare node:http. Its own percentiles are whole milliseconds,
 * too coarse for a p99 near 1 ms, so the times are taken from its events.
 *
 * @throws when a single answer is not a 2xx.
 */
async function loadServer(
  server: RunningServer,
  request: PredictRequest,
  {connections, warmUpMs, loadMs}: LoadPlan,
): Promise<LoadResult> {
  const run = startLoad(server, connections, warmUpMs + loadMs, [request]);
  let durations: number[] = [];
  run.on('response', (_client, _status, _bytes, ms) => durations.push(ms));
  await sleep(warmUpMs);
  durations = [];
  const [beginMs, beginCpuMs] = [performance.now(), server.readCpuMs()];
  await sleep(loadMs);
  const [elapsedMs, cpuMs] = [performance.now() - beginMs, server.readCpuMs() - beginCpuMs];
  const measured = durations;
  durations = [];
  run.stop();
  const {errors, timeouts, non2xx} = await run;
  if (errors + timeouts + non2xx > 0) {
    throw new Error(
      `${server.title} under load: ${errors} errors, ${timeouts} timeouts, ${non2xx} answers not 2xx`,
    );
  }
  if (measured.length === 0) throw new Error(`${server.title} answered nothing within ${loadMs} ms of load`);
  const sorted = Float64Array.from(measured).sort();
  return {
    requestsPerSecond: (measured.length / elapsedMs) * 1000,
    p99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN,
    busy: cpuMs / elapsedMs,
  };
}

function startLoad(server: RunningServer, connections: number, loadMs: number, requests: LoadRequest[]) {
  // its own end is a bound only: stopped by hand, a run ends within a sample
  const duration = loadMs / 1000 + 10;
  return autocannon({
    url: server.url,
    connections,
    duration,
    sampleInt: 50,
    requests,
    setupClient: followConnectionClose,
  });
}

/**
 * Makes a client connect anew after an answer with `connection: close`, which Flask's server gives to all.
 * By itself autocannon sends the next request on the closing connection, and waits for its timeout.
 */
function followConnectionClose(client: LoadClient): void {
  const sendNext = client._doRequest.bind(client);
  let isClosing = false;
  client.on('headers', ({shouldKeepAlive}) => {
    isClosing = !shouldKeepAlive;
  });
  client._doRequest = () => {
    if (!isClosing) return sendNext();
    isClosing = false;
    client._resetConnection();
  };
}
