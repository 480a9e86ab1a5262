import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Browser, BrowserContextOptions} from 'playwright-core';
import {afterAll, afterEach, expect} from 'vitest';
import {type ArtifactContent, sealArtifact} from '../../serve/artifact/artifact.ts';
import {launchBrowser, type Visit, visit} from './browser.ts';
import {
  bundleServer,
  type RunningServer,
  type ServerBundle,
  startServer,
  stopServer,
} from './server-process.ts';

/** Models served by the bundle that a release has, and a browser to visit them, for the tests of one file. */
export type Pages = {
  /** Starts a server for a model, at a port of its own unless given. */
  serve: (model: ArtifactContent, port?: number, env?: Record<string, string>) => Promise<RunningServer>;
  /** A visitor's page; when the test is done it must have had no problems. */
  open: (url: string, options?: BrowserContextOptions) => Promise<Visit>;
};

/** Nothing is started before a test asks for it: where the machine has no browser, no test does. */
export function preparePages(): Pages {
  let bundle: ServerBundle | undefined;
  let browser: Browser | undefined;
  let [servers, visits]: [RunningServer[], Visit[]] = [[], []];

  afterEach(async () => {
    const ended = visits;
    visits = [];
    for (const {page} of ended) await page.context().close();
    for (const server of servers) await stopServer(server);
    servers = [];
    expect(ended.flatMap(({problems}) => problems)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await bundle?.remove();
  });

  return {
    async serve(model, port = 0, env = {}) {
      const {text, artifact} = sealArtifact(model);
      bundle ??= await bundleServer(text);
      const file = join(bundle.folder, `${artifact.version}.json`);
      await writeFile(file, text);
      const server = await startServer(bundle, {
        MODEL_PATH: file,
        PORT: String(port),
        HOST: '127.0.0.1',
        ...env,
      });
      servers.push(server);
      return server;
    },
    async open(url, options) {
      browser ??= await launchBrowser();
      const opened = await visit(browser, url, options);
      visits.push(opened);
      return opened;
    },
  };
}
