import {readFile} from 'node:fs/promises';

/** The packages whose code decides the numbers of a model. */
const libraries = ['@duckdb/node-api', 'ml-matrix', 'ml-regression-multivariate-linear', 'pure-rand'];

/** Installed version of each package that a model's numbers depend on. */
export async function readLibraryVersions(): Promise<Record<string, string>> {
  const entries = libraries.map(async name => {
    const file = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
    const {version}: {version: string} = JSON.parse(await readFile(file, 'utf8'));
    return [name, version] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
