import {expect, test} from 'vitest';
import {formatHistory} from '../../pipeline/report/history-text.ts';

const release = {
  tag: '1439a0421940-8b52156f',
  digest: `sha256:${'a'.repeat(64)}`,
  version: '1439a0421940',
  mse: 0.1299198160575994,
  builtAt: '2026-01-02T03:04:05.678Z',
  parent: `sha256:${'b'.repeat(64)}`,
  channels: ['canary', 'production'],
  problem: null,
};

test('the history is a table of releases, and of what is wrong with broken ones', () => {
  const unreadable = {...release, digest: null, mse: null, builtAt: '', parent: null};
  const releases = [
    release,
    {...release, tag: null, channels: ['staging'], parent: null},
    {...unreadable, channels: [], tag: 'ffffffffffff-ffffffff', problem: 'it is no image.'},
    {...unreadable, tag: null, channels: ['old'], problem: 'it is gone.'},
  ];
  expect(
    `\n${formatHistory({repository: 'host/iris', channel: 'production', releases})}\n`,
  ).toMatchInlineSnapshot(`
    "
    host/iris
    channel             tag                    digest        mse      built (UTC)          parent
    canary, production  1439a0421940-8b52156f  aaaaaaaaaaaa  0.12992  2026-01-02 03:04:05  bbbbbbbbbbbb
    staging             –                      aaaaaaaaaaaa  0.12992  2026-01-02 03:04:05  –
                        ffffffffffff-ffffffff  –             –        broken               –
    old                 –                      –             –        broken               –
    ffffffffffff-ffffffff is broken: it is no image.
    old is broken: it is gone.
    "
  `);
});

test('a repository without a release says so', () => {
  const history = {repository: 'host/iris', channel: 'production', releases: []};
  expect(formatHistory(history)).toBe('host/iris holds no release yet.');
});
