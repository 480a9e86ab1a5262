import {once} from 'node:events';
import type {AddressInfo} from 'node:net';
import {sealArtifact} from '../../serve/artifact/artifact.ts';
import {createFastPath} from '../../serve/dialects/predict/fast-path.ts';
import {defaultLimits} from '../../serve/http/limits.ts';
import {createNodeServer, type NodeServer, type NodeServerOptions} from '../../serve/http/node-server.ts';
import type {RequestEntry} from '../../serve/observe/log.ts';
import {planeContent} from './server-artifact.ts';
import {createTestApp} from './test-app.ts';

/** A server in this process, for what a test cannot wait for or see from outside. */
export type LocalServer = {
  server: NodeServer;
  port: number;
  /** What the app reported. */
  entries: RequestEntry[];
  close: () => Promise<void>;
};

/** Starts the whole server for the plane's model on a free port. */
export async function startLocalServer({
  limits = {},
  ...options
}: Pick<NodeServerOptions, 'deadlines' | 'onRefused'> & {
  limits?: Partial<NodeServerOptions['limits']>;
} = {}): Promise<LocalServer> {
  const {artifact} = sealArtifact(planeContent());
  const all = {...defaultLimits, ...limits};
  const {app, service, entries} = createTestApp(artifact, {
    maxBodyBytes: all.maxBodyBytes,
    maxRows: 1_000_000,
    now: () => performance.now(),
  });
  const server = createNodeServer(async () => app, {
    fastPath: createFastPath(service),
    newRequestId: service.newRequestId,
    modelVersion: artifact.version,
    limits: all,
    ...options,
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    server,
    port: (server.address() as AddressInfo).port,
    entries,
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
