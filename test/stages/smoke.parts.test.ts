import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'vitest';
import {projectRoot} from '../helpers/cli-run.ts';
import {makeFolder} from '../helpers/folder.ts';
import {testWith} from '../helpers/parts.ts';

// libfaketime's fixed times stop every clock, the monotonic one too
testWith('faketime')('a start-up that a stopped clock did not measure passes no rule', () => {
  const folder = makeFolder();
  const descriptor = JSON.parse(readFileSync(join(projectRoot, 'data/iris.json'), 'utf8'));
  descriptor.source.snapshot = join(projectRoot, 'data/iris.data');
  descriptor.gate.rules.push({metric: 'smoke.startupMs', max: 60_000});
  const path = join(folder, 'with-start-up.json');
  writeFileSync(path, JSON.stringify(descriptor));
  const {status, stdout} = spawnSync(
    'faketime',
    [
      '-f',
      '1990-01-01 00:00:00',
      ...[process.execPath, '--import', 'tsx', 'pipeline/cli.ts', 'pipeline', '--json'],
      ...['--artifacts', folder, '--dataset', path],
    ],
    {
      cwd: projectRoot,
      encoding: 'utf8',
      env: {...process.env, CONTAINER_ENGINE: 'none', CI: '', REGISTRY: ''},
    },
  );
  const {outcome, smoke, gate} = JSON.parse(stdout);
  expect({status, outcome, startupMs: smoke.startupMs}).toEqual({
    status: 4,
    outcome: 'rejected',
    startupMs: null,
  });
  expect(gate.rules).toContainEqual({metric: 'smoke.startupMs', value: null, max: 60_000, passed: false});
});
