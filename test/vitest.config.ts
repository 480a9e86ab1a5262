import {defineConfig} from 'vitest/config';
import {textImportsForTests} from '../pipeline/io/artifacts/browser-text.ts';

/**
 * Two projects, told apart by the file's name: `X.test.ts` needs nothing but Node, `X.parts.test.ts` needs real
 * parts of the machine (an engine, a registry, a browser, …), each of which it names with `testWith`.
 */
// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  plugins: [textImportsForTests],
  test: {
    root: new URL('..', import.meta.url).pathname,
    globalSetup: 'test/helpers/warm-cache.ts',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.parts.test.ts'],
          env: {CONTAINER_ENGINE: 'none'},
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // on two cores: a third of the time is spent waiting for deadlines and processes
          maxWorkers: 3,
          // a process for each file would cost a fifth of the time; what a test changes of its process, it changes back
          isolate: false,
          unstubEnvs: true,
          sequence: {groupOrder: 0},
        },
      },
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.parts.test.ts'],
          globalSetup: 'test/helpers/find-parts.ts',
          testTimeout: 180_000,
          hookTimeout: 120_000,
          // they wait for containers more than they compute
          maxWorkers: 2,
          sequence: {groupOrder: 1},
        },
      },
    ],
  },
});
