import {spawnSync} from 'node:child_process';
import {expect} from 'vitest';
import {projectRoot} from '../helpers/cli-run.ts';
import {makeFolder} from '../helpers/folder.ts';
import {testWith} from '../helpers/parts.ts';

// libfaketime's fixed times stop every clock, the monotonic one too
testWith('faketime')('a start-up that a stopped clock did not measure passes no rule', () => {
  const folder = makeFolder();
  const {status, stdout} = spawnSync(
    'faketime',
    [
      '-f',
      '1990-01-01 00:00:00',
      ...[process.execPath, '--import', 'tsx', 'pipeline/cli.ts', 'pipeline', '--json'],
      ...['--artifacts', folder],
    ],
    {
      cwd: projectRoot,
      encoding: 'utf8',
      env: {...process.env, CONTAINER_ENGINE: 'none', CI: '', REGISTRY: ''},
    },
  );
  const {outcome, smoke, gate} = JSON.parse(stdout);
  expect({status, outcome, gate, startupMs: smoke.startupMs, checks: smoke.checks}).toEqual({
    status: 4,
    outcome: 'rejected',
    gate: null,
    startupMs: null,
    checks: [
      {
        name: 'ready',
        passed: false,
        detail: 'the clock of this machine stands still, so nothing can be timed',
      },
    ],
  });
});
