import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Hono} from 'hono';
import {createApp} from '../../serve/app.ts';
import type {Artifact} from '../../serve/artifact/artifact.ts';
import type {Dialect} from '../../serve/dialects/dialect.ts';
import {createService, type Service, type ServiceOptions} from '../../serve/http/service.ts';
import type {RequestEntry} from '../../serve/observe/log.ts';
import {projectRoot} from './cli-run.ts';

export type TestApp = {
  app: Hono;
  service: Service;
  /** What was reported of requests. */
  entries: RequestEntry[];
  /** What was reported as a failure of the server. */
  errors: unknown[];
  post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
};

/** Reads what a release has beside its server. */
export async function readDocsFile(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return new Uint8Array(await readFile(join(projectRoot, 'node_modules/swagger-ui-dist', name)));
}

/** An app that takes 1,000 bytes and 5 rows, has a model card and a clock that advances 2 ms a look, and ids id-1, id-2, … */
export function createTestApp(
  artifact: Artifact,
  options: Partial<ServiceOptions> = {},
  dialects?: readonly Dialect[],
): TestApp {
  let ids = 0;
  let ms = 0;
  const entries: RequestEntry[] = [];
  const errors: unknown[] = [];
  const service = createService(artifact, {
    maxBodyBytes: 1000,
    maxRows: 5,
    phase: () => 'ready',
    newRequestId: () => `id-${++ids}`,
    now: () => {
      ms += 2;
      return ms;
    },
    card: '# Model card\n',
    readFile: readDocsFile,
    onRequest: entry => entries.push(entry),
    onError: (_id, error) => errors.push(error),
    ...options,
  });
  const app = createApp(service, dialects);
  const post: TestApp['post'] = async (path, body, headers = {'content-type': 'application/json'}) => {
    const isSent = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;
    return app.request(path, {
      method: 'POST',
      body: isSent ? body : JSON.stringify(body),
      headers,
      duplex: 'half',
    } as RequestInit);
  };
  return {app, service, entries, errors, post};
}
