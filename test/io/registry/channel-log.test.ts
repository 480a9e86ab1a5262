import {describe, expect, test} from 'vitest';
import {
  findMoveAt,
  findPrevious,
  findWithdrawal,
  type LogEntry,
} from '../../../pipeline/core/release/channel-log.ts';
import {enterFound, moveAndRecord} from '../../../pipeline/io/registry/channel.ts';
import {keepEntry, putEntry, readChannelLog} from '../../../pipeline/io/registry/channel-log.ts';
import {openRepository} from '../../../pipeline/io/registry/registry.ts';
import {shareMemoryRegistry} from '../../helpers/memory-registry.ts';
import {pushImage} from '../../helpers/release-maker.ts';

const shared = shareMemoryRegistry();

const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const [a, b, c] = ['a', 'b', 'c'].map(digestOf) as [string, string, string];
let repositories = 0;

function openNew() {
  const name = `log-${++repositories}`;
  const address = {scheme: 'http', host: shared.current.host, path: ''} as const;
  return {name, repository: openRepository(address, name, null, new AbortController().signal)};
}

const move = {
  action: 'promote',
  channel: 'production',
  from: null,
  to: a,
  time: '2026-05-01T00:00:00.000Z',
  reason: null,
  who: 'somebody',
  run: 'https://ci/1',
} as const;
const then = () => new Date('2026-05-02T00:00:00Z');

describe('the log of a channel', () => {
  test('gives the moves back, newest first', async () => {
    const {repository} = openNew();
    expect(await readChannelLog(repository, 'production')).toEqual({entries: [], problem: null});
    const first = await putEntry(repository, move);
    const second = await putEntry(repository, {...move, action: 'rollback', from: a, to: b, reason: 'slow'});
    expect(second.previous).toBe(first.digest);
    expect(await readChannelLog(repository, 'production')).toEqual({entries: [second, first], problem: null});
  });

  test('loses no entry of two runs that write at once, in 20 of 20 rounds', async () => {
    for (let round = 0; round < 20; round++) {
      const {repository} = openNew();
      await putEntry(repository, move);
      const write = async (to: string) => keepEntry(repository, await putEntry(repository, {...move, to}));
      await Promise.all([write(b), write(c)]);
      const {entries, problem} = await readChannelLog(repository, 'production');
      expect(problem).toBeNull();
      expect(new Set(entries.map(({to}) => to))).toEqual(new Set([a, b, c]));
    }
  });

  test('says where it is broken', async () => {
    const {name, repository} = openNew();
    const first = await putEntry(repository, move);
    const second = await putEntry(repository, {...move, to: b});
    shared.current.removeManifest(name, first.digest);
    expect(await readChannelLog(repository, 'production')).toEqual({
      entries: [second],
      problem: `the entry ${first.digest} is gone`,
    });
  });

  test('takes nothing for an entry that is none, or is of another channel', async () => {
    const {name, repository} = openNew();
    const image = await pushImage(shared.current.host, name, ['production.log'], {});
    const isNone = (digest: string) => `${digest} is no entry of the log of production`;
    expect((await readChannelLog(repository, 'production')).problem).toBe(isNone(image));
    const staging = await putEntry(repository, {...move, channel: 'staging'});
    shared.current.setTag(name, 'production.log', staging.digest);
    expect((await readChannelLog(repository, 'production')).problem).toBe(isNone(staging.digest));
  });

  test('gets what is found where a move left no entry, once', async () => {
    const {repository} = openNew();
    await putEntry(repository, move);
    for (let times = 0; times < 2; times++) await enterFound(repository, 'production', b, then);
    const {entries} = await readChannelLog(repository, 'production');
    expect(entries.map(({action, from, to}) => ({action, from, to}))).toEqual([
      {action: 'found', from: a, to: b},
      {action: 'promote', from: null, to: a},
    ]);
  });

  test('is written when the channel is moved, with what a run before left out', async () => {
    const {name, repository} = openNew();
    const [one, two] = await Promise.all(
      ['one', 'two'].map(title => pushImage(shared.current.host, name, [title], {labels: {title}})),
    );
    shared.current.setTag(name, 'production', one ?? null);
    const manifest = await repository.getManifest('two');
    if (one === undefined || two === undefined || manifest === undefined) throw new Error('no image');
    const why = {action: 'promote', reason: null, who: null, run: null} as const;
    const moved = await moveAndRecord(repository, 'production', manifest, {...why, expected: one, now: then});
    expect(moved).toEqual({status: 'moved'});
    const {entries} = await readChannelLog(repository, 'production');
    expect(entries).toMatchObject([
      {action: 'promote', from: one, to: two, time: '2026-05-02T00:00:00.000Z'},
      {action: 'found', from: null, to: one},
    ]);
  });
});

/** A log, the oldest entry first. */
function listMoves(...moves: [LogEntry['action'], string | null, string, string?][]) {
  const entries = moves.map(([action, from, to, day = '01']): LogEntry => {
    return {...move, action, from, to, time: `2026-05-${day}T00:00:00Z`, digest: '', previous: null};
  });
  return {entries: entries.reverse()};
}

describe('a rollback to the release before', () => {
  test('goes to what the channel held, and further back when it is asked for again', () => {
    const log = listMoves(['promote', null, a], ['promote', a, b], ['promote', b, c]);
    expect(findPrevious(log, c)).toBe(b);
    const back = listMoves(['promote', null, a], ['promote', a, b], ['promote', b, c], ['rollback', c, b]);
    expect(findPrevious(back, b)).toBe(a);
    expect(findPrevious(listMoves(['promote', null, a]), a)).toBeNull();
  });

  test('withdraws what it leaves, until a move goes back to it', () => {
    const log = listMoves(['promote', null, a], ['promote', a, b], ['rollback', b, a]);
    expect(findWithdrawal(log, b)).toBe(log.entries[0]);
    expect(findWithdrawal(log, a)).toBeUndefined();
    const again = listMoves(['promote', null, a], ['promote', a, b], ['rollback', b, a], ['rollback', a, b]);
    expect(findWithdrawal(again, b)).toBeUndefined();
    expect(findWithdrawal(again, a)).toBe(again.entries[0]);
  });
});

test('what a channel held at a time is told by its moves, also where a clock went back', () => {
  const log = listMoves(['promote', null, a, '03'], ['promote', a, b, '02'], ['promote', b, c, '05']);
  const at = (day: string) => findMoveAt(log, new Date(`2026-05-${day}T12:00:00Z`))?.to;
  expect([at('02'), at('03'), at('04'), at('05')]).toEqual([undefined, b, b, c]);
});
