import {once} from 'node:events';
import type {AddressInfo} from 'node:net';
import type {Artifact} from '../../serve/artifact/artifact.ts';
import type {Dialect} from '../../serve/dialects/dialect.ts';
import {createFastPath} from '../../serve/dialects/predict/fast-path.ts';
import {defaultLimits} from '../../serve/http/limits.ts';
import {createNodeServer, type NodeServer, type NodeServerOptions} from '../../serve/http/node-server.ts';
import type {ServiceOptions} from '../../serve/http/service.ts';
import type {RequestEntry} from '../../serve/observe/log.ts';
import {planeArtifact} from './server-artifact.ts';
import {createTestApp} from './test-app.ts';

/** A server in this process, for what a test cannot wait for or see from outside. */
export type LocalServer = {
  server: NodeServer;
  port: number;
  /** What the app reported. */
  entries: RequestEntry[];
  close: () => Promise<void>;
};

/** Starts the whole server for a model, the plane's unless another is given, on a free port. */
export async function startLocalServer({
  artifact = planeArtifact(),
  dialects,
  service: serviceOptions = {},
  limits = {},
  ...options
}: Pick<NodeServerOptions, 'createServer' | 'deadlines' | 'onRefused'> & {
  artifact?: Artifact;
  dialects?: readonly Dialect[];
  service?: Partial<ServiceOptions>;
  limits?: Partial<NodeServerOptions['limits']>;
} = {}): Promise<LocalServer> {
  const all = {...defaultLimits, ...limits};
  const {app, service, entries} = createTestApp(
    artifact,
    {
      maxBodyBytes: all.maxBodyBytes,
      maxRows: 1_000_000,
      now: () => performance.now(),
      ...serviceOptions,
    },
    dialects,
  );
  const server = createNodeServer(async () => app, {
    fastPath: createFastPath(service),
    newRequestId: service.newRequestId,
    modelVersion: artifact.version,
    limits: all,
    cors: service.cors,
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
