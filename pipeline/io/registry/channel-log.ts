import {Failure} from '../../core/failure.ts';
import {type ChannelLog, ChannelMove, type LogEntry} from '../../core/release/channel-log.ts';
import {Sha256Digest} from '../../core/release/digest.ts';
import {mediaTypes} from '../../core/release/image.ts';
import {nameBlob} from '../../core/release/layer.ts';
import type {Manifest, Repository} from './registry.ts';

const artifactType = 'application/vnd.csv-to-server.channel-move.v1';
const prefix = 'csv-to-server.move.';
/** The blob of an artifact that has none; OCI image specification, "empty descriptor". */
const empty = {
  mediaType: 'application/vnd.oci.empty.v1+json',
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  size: 2,
};
/** More moves than a channel has in ten years of two a day. */
const maxEntries = 10_000;

/** The tag that points at the newest entry of a channel's log. */
function nameLogTag(channel: string): string {
  return `${channel}.log`;
}

/**
 * Reads the log of a channel, newest entry first.
 *
 * @param isEnough ends the reading at an entry, which is the last then.
 * @returns no entries where the channel has no log; a problem where an entry is gone or is none.
 */
export async function readChannelLog(
  repository: Repository,
  channel: string,
  isEnough: (entry: LogEntry) => boolean = () => false,
): Promise<ChannelLog> {
  const entries: LogEntry[] = [];
  const seen = new Set<string>();
  const end = (problem: string | null) => ({entries, problem});
  for (let next: string | null = nameLogTag(channel); next !== null; ) {
    const manifest = await repository.getManifest(next);
    if (manifest === undefined) return end(entries.length === 0 ? null : `the entry ${next} is gone`);
    const entry = readEntry(manifest);
    if (entry === undefined || entry.channel !== channel)
      return end(`${manifest.digest} is no entry of the log of ${channel}`);
    if (seen.has(entry.digest)) return end(`the entry ${entry.digest} leads back to itself`);
    if (entries.length === maxEntries) return end(`it has more than ${maxEntries} entries`);
    seen.add(entry.digest);
    entries.push(entry);
    if (isEnough(entry)) break;
    next = entry.previous;
  }
  return end(null);
}

/** Writes a move down as the newest entry of its channel's log; another run's may displace it, which is to be looked for. */
export async function putEntry(repository: Repository, move: ChannelMove): Promise<LogEntry> {
  const tag = nameLogTag(move.channel);
  const head = await repository.getManifest(tag);
  const previous = head?.digest ?? null;
  const annotations = Object.fromEntries(
    Object.entries({...move, previous}).flatMap(([key, value]) =>
      value === null ? [] : [[`${prefix}${key}`, value]],
    ),
  );
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType,
      config: empty,
      layers: [empty],
      annotations: {...annotations, 'org.opencontainers.image.created': move.time},
    }),
  );
  if (head === undefined || readEntry(head) === undefined) await repository.putBlob(empty, Buffer.from('{}'));
  await repository.putManifest(
    tag,
    {mediaType: mediaTypes.manifest, bytes},
    {overwrites: head !== undefined},
  );
  return {...move, digest: nameBlob(bytes).digest, previous};
}

/** Looks for an entry in the log, and writes it down again where two runs wrote at once and the other's stayed. */
export async function keepEntry(repository: Repository, entry: LogEntry): Promise<LogEntry> {
  let kept = entry;
  for (let attempt = 0; attempt < 10; attempt++) {
    const {previous} = kept;
    const isAt = ({digest}: LogEntry) => digest === kept.digest || digest === previous;
    const {entries} = await readChannelLog(repository, entry.channel, isAt);
    if (entries.some(({digest}) => digest === kept.digest)) return kept;
    const {digest: _, previous: __, ...move} = kept;
    kept = await putEntry(repository, move);
  }
  throw new Failure('engine', {
    code: 'LOG_CONTENDED',
    message: `Other runs displaced the entry in ${repository.reference}:${nameLogTag(entry.channel)} ten times.`,
    fix: 'Let the other runs finish; the next run enters what it finds.',
  });
}

function readEntry({digest, content}: Manifest): LogEntry | undefined {
  const annotations = content.annotations ?? {};
  if (content.artifactType !== artifactType) return undefined;
  const read = (key: string) => annotations[`${prefix}${key}`] ?? null;
  const move = ChannelMove.safeParse({
    action: read('action'),
    channel: read('channel'),
    from: read('from'),
    to: read('to'),
    time: read('time'),
    reason: read('reason'),
    who: read('who'),
    run: read('run'),
  });
  const before = Sha256Digest.nullable().safeParse(read('previous'));
  return move.success && before.success ? {...move.data, digest, previous: before.data} : undefined;
}
