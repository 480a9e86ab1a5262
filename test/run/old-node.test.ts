import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {expect, test} from 'vitest';
import {explainOldNode} from '../../pipeline/run/old-node.ts';
import {projectRoot} from '../helpers/cli-run.ts';

test('a Node that the program runs on is accepted', () => {
  expect(explainOldNode('v24.0.0', '/usr/bin/node')).toBeUndefined();
  expect(explainOldNode('v30.1.2', '/usr/bin/node')).toBeUndefined();
});

test('an older Node is told in one sentence what to do', () => {
  expect(explainOldNode('v22.12.0', '/usr/bin/node')).toBe(
    'OLD_NODE: This program runs on Node 24 or later; it was started with v22.12.0 (/usr/bin/node). Start it with npm run or task, which use the Node that npm ci has put into node_modules.',
  );
});

/** A Node of this machine that is too old for the program; the project's own stands first in the path under npm. */
const older = (process.env.PATH ?? '')
  .split(delimiter)
  .map(folder => join(folder, 'node'))
  .filter(existsSync)
  .find(path => /^v(1\d|2[0-3])\./.test(spawnSync(path, ['--version'], {encoding: 'utf8'}).stdout));

test.skipIf(older === undefined)('the program says it to an older Node that starts it', () => {
  const {status, stderr} = spawnSync(older ?? '', ['--import', 'tsx', 'pipeline/cli.ts', 'train'], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  expect(stderr).toMatch(/^OLD_NODE: This program runs on Node 24 or later; .*\n$/);
  expect(status).toBe(2);
});
