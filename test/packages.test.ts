import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {minVersion, satisfies} from 'semver';
import {expect, test} from 'vitest';
import * as z from 'zod';
import {projectRoot} from './helpers/cli-run.ts';

const Package = z.object({
  engines: z.union([z.object({node: z.string().optional()}), z.array(z.string())]).optional(),
  optional: z.boolean().optional(),
});
const {packages} = z
  .object({packages: z.record(z.string(), Package)})
  .parse(JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')));

test('npm ci has nothing to warn of on the oldest Node of each line that "engines" names', () => {
  const {engines} = packages[''] ?? {};
  const named = Array.isArray(engines) ? [] : (engines?.node?.split(' || ') ?? []);
  const oldest = named.map(range => minVersion(range)?.version ?? range);
  expect(oldest).toEqual(['20.19.0', '22.16.0', '24.0.0']);
  const complaints = Object.entries(packages).flatMap(([path, {engines, optional}]) => {
    if (optional || Array.isArray(engines) || engines?.node === undefined) return [];
    const range = engines.node;
    return oldest
      .filter(node => !satisfies(node, range))
      .map(node => `${path} asks for ${range}, not ${node}`);
  });
  expect(complaints).toEqual([]);
});
