import {defineConfig} from 'vitest/config';
import {textImportsForTests} from '../pipeline/io/artifacts/browser-text.ts';

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  plugins: [textImportsForTests],
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/helpers/warm-cache.ts',
    // the long tests wait for containers more than they compute
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
