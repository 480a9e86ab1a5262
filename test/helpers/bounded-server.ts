import {readFile, writeFile} from 'node:fs/promises';
import {request} from 'node:http';
import {join} from 'node:path';
import {sealArtifact} from '../../serve/artifact/artifact.ts';
import {projectRoot} from './cli-run.ts';
import {irisContent} from './server-artifact.ts';
import {bundleServer, startServer, stopServer} from './server-process.ts';

/** A request, and the bytes of its body. */
type Sent = {path: string; method?: string; headers?: Record<string, string>; body?: Buffer};

/** What a server did with some requests that it got at once. */
export type Cost = {
  answers: {status: number; head: string}[];
  /** The longest that its event loop was held: processor time, which other programs do not add to. */
  holdMs: number;
  /** The most memory that it ever had, less the files that are mapped into it: what a container is killed for. */
  peakMiB: number;
};

export type BoundedServer = {
  /** Sends requests at once, and waits until each was answered. */
  measure(requests: readonly Sent[]): Promise<Cost>;
  stop(): Promise<void>;
};

/** The iris model with intervals of some width. */
export const boundedModel = sealArtifact({
  ...irisContent(),
  uncertainty: {
    degreesOfFreedom: 116,
    residualStandardErrors: [0.3],
    inverseFactor: [[0.1], [0, 0.1], [0, 0, 0.1], [0, 0, 0, 0.1]],
  },
});

/** Starts a server process with the heap that Node gives itself in a container of 256 MiB. */
export async function startBoundedServer(): Promise<BoundedServer> {
  const bundle = await bundleServer(boundedModel.text);
  const probe = join(bundle.folder, 'probe');
  const server = await startServer(bundle, {
    AIP_PREDICT_ROUTE: '/vertex/predict',
    HOLD_PROBE: probe,
    NODE_OPTIONS: `--max-heap-size=256 --import ${join(projectRoot, 'test/helpers/hold-probe.mjs')}`,
  });
  const proc = `/proc/${server.child.pid}`;
  return {
    async measure(requests) {
      // Forgets the most memory so far.
      await writeFile(`${proc}/clear_refs`, '5');
      await ask({socketPath: probe, path: '/'});
      const answers = await Promise.all(requests.map(sent => ask({port: server.port, ...sent}, sent.body)));
      const {head} = await ask({socketPath: probe, path: '/'});
      const status = await readFile(`${proc}/status`, 'utf8');
      const readMiB = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
      return {answers, holdMs: Number(head), peakMiB: readMiB('VmHWM') - readMiB('RssFile')};
    },
    async stop() {
      await stopServer(server);
      await bundle.remove();
    },
  };
}

/** Sends a request and reads its answer to the end, of which it keeps the first part. */
function ask(
  {
    path,
    ...options
  }: {
    path: string;
    port?: number;
    socketPath?: string;
    method?: string;
    headers?: Record<string, string>;
  },
  body?: Buffer,
): Promise<{status: number; head: string}> {
  return new Promise((resolve, reject) => {
    const outgoing = request({host: '127.0.0.1', path, agent: false, ...options}, incoming => {
      let head = '';
      incoming.on('data', chunk => {
        if (head.length < 1_000) head += chunk;
      });
      incoming.on('end', () => resolve({status: incoming.statusCode ?? 0, head: head.slice(0, 1_000)}));
      incoming.on('error', reject);
    });
    outgoing.setTimeout(60_000, () => outgoing.destroy(new Error('no answer within a minute')));
    outgoing.on('error', reject).end(body);
  });
}
