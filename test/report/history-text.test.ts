import {describe, expect, test} from 'vitest';
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
    `\n${formatHistory({repository: 'host/iris', channel: 'production', releases, moves: [], logProblem: null})}\n`,
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
  const history = {repository: 'host/iris', channel: 'production', releases: [], moves: [], logProblem: null};
  expect(formatHistory(history)).toBe('host/iris holds no release yet.');
});

describe('the moves of a channel', () => {
  const [one, two] = [release.digest, `sha256:${'c'.repeat(64)}`];
  const move = {
    action: 'promote',
    from: null,
    to: two,
    time: '2026-01-01T00:00:00.000Z',
    reason: null,
    who: null,
    run: null,
  } as const;
  const history = {
    repository: 'host/iris',
    channel: 'production',
    releases: [release],
    moves: [
      {
        ...move,
        action: 'rollback',
        from: two,
        to: one,
        time: '2026-01-03T00:00:00.000Z',
        reason: 'slow',
        who: 'ada',
      },
      move,
    ] as const,
    logProblem: 'the entry sha256:dd is gone',
  };

  test('stand below the releases, newest first, with who and why', () => {
    expect(formatHistory(history).split('\n').slice(3)).toEqual([
      '',
      'Moves of production',
      'when (UTC)           move      from          to                     who  why',
      '2026-01-03 00:00:00  rollback  cccccccccccc  1439a0421940-8b52156f  ada  slow',
      '2026-01-01 00:00:00  promote   –             cccccccccccc           –    –',
      'The log of production does not go further back: the entry sha256:dd is gone.',
    ]);
  });

  test('tell what the channel held at a time', () => {
    const time = '2026-01-02T23:59:59.999Z';
    expect(formatHistory({...history, at: {time, digest: one}})).toBe(
      `host/iris:production held 1439a0421940-8b52156f (${one}) at ${time}.`,
    );
    expect(formatHistory({...history, at: {time, digest: null}})).toBe(
      `host/iris:production held nothing that its log knows of at ${time}.`,
    );
  });
});
