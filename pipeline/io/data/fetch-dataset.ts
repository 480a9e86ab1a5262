import {createHash} from 'node:crypto';
import {readdir, rm} from 'node:fs/promises';
import {basename, dirname, join, resolve} from 'node:path';
import {type Source, stripUserinfo} from '../../core/dataset/descriptor.ts';
import {suggestName} from '../../core/dataset/nearest.ts';
import {countOf} from '../../core/dataset/row-problems.ts';
import {Failure} from '../../core/failure.ts';
import {type Download, type DownloadLimits, download} from './download.ts';
import {looksLikeHtml} from './file-kind.ts';
import {hashFile} from './hash-file.ts';
import {explainReadError, failForReading} from './read-errors.ts';
import {showPath} from './show-path.ts';
import {writeCached} from './write-cached.ts';

export interface FetchOptions extends Partial<DownloadLimits> {
  /** Folder that relative paths in the source start from: the descriptor's. */
  baseDir: string;
  /** Folder of downloaded files, each named by its hash. */
  cacheDir: string;
  /** Takes the cache or the snapshot without asking the network. */
  offline?: boolean;
  /** Gets a line for each thing worth telling while the data is fetched. */
  report?: (line: string) => void;
}

export interface FetchedData {
  path: string;
  /** How messages name the file: by its address, or relative to the working folder where that is shorter. */
  shownAs: string;
  /** How a command names a downloaded file, which is shown by its address. */
  typedAs?: string;
  sha256: string;
  bytes: number;
  source: 'cache' | 'network' | 'snapshot' | 'file';
  /** Without user name and password. */
  url: string | null;
}

/**
 * Brings a dataset to this machine and checks its hash: from the cache, the network, or the snapshot; or reads a local file.
 *
 * @throws Failure of kind `data` that lists each source tried and why it was refused.
 */
export async function fetchDataset(source: Source, options: FetchOptions): Promise<FetchedData> {
  if (source.url === undefined) return takeFile(source, options);
  const attempts: Attempt[] = [];
  const fetched =
    (await takeCached(source, options, attempts)) ??
    (await takeNetwork(source.url, source, options, attempts)) ??
    (await takeSnapshot(source, options, attempts));
  if (fetched === null) throw failForSources(source, attempts);
  return fetched;
}

/** A source that did not give the data. */
interface Attempt {
  name: string;
  why: string;
  /** Whether it gave other bytes than the hash asks for. */
  otherBytes: boolean;
}

async function takeFile(source: Source, options: FetchOptions): Promise<FetchedData> {
  const path = resolve(options.baseDir, source.file ?? '');
  const shownAs = showPath(path);
  const hashed = await hashFile(path);
  if (hashed.status === 'unreadable') {
    const suggestion = hashed.isAbsent ? await suggestNeighbour(path) : '';
    throw failForReading(shownAs, hashed.error, `.${suggestion}`);
  }
  const {sha256, bytes} = hashed;
  if (source.sha256 !== undefined && sha256 !== source.sha256) {
    throw new Failure('data', {
      code: 'DATA_HASH_MISMATCH',
      message: `${shownAs}: expected sha256 ${source.sha256}, found ${sha256} (${countOf(bytes, 'byte')})`,
      fix: 'Restore the file, or, if the change is wanted, put the new hash under "sha256" in the descriptor.',
    });
  }
  return {path, shownAs, sha256, bytes, source: 'file', url: null};
}

async function takeCached(
  source: Source,
  options: FetchOptions,
  attempts: Attempt[],
): Promise<FetchedData | null> {
  // without a hash nothing says that the cached bytes are still the published ones
  if (source.sha256 === undefined) return null;
  const path = join(options.cacheDir, source.sha256);
  const name = `cache ${showPath(path)}`;
  const hashed = await hashFile(path);
  if (hashed.status === 'unreadable') {
    if (!hashed.isAbsent) options.report?.(`${name}: ${hashed.reason}.`);
    attempts.push({name, why: hashed.isAbsent ? 'not there' : hashed.reason, otherBytes: false});
    return null;
  }
  const {sha256, bytes} = hashed;
  if (sha256 !== source.sha256) {
    options.report?.(`${name} is damaged (its sha256 is ${sha256}) and is removed.`);
    await rm(path, {force: true});
    attempts.push({name, why: 'damaged, and removed', otherBytes: false});
    return null;
  }
  return {...nameDownloaded(path, source.url ?? ''), sha256, bytes, source: 'cache'};
}

async function takeNetwork(
  url: string,
  source: Source,
  options: FetchOptions,
  attempts: Attempt[],
): Promise<FetchedData | null> {
  const name = `network ${stripUserinfo(url)}`;
  if (options.offline === true) {
    attempts.push({name, why: 'not asked, as this run is offline', otherBytes: false});
    return null;
  }
  const answer: Download = await download(url, options, line => options.report?.(`${name}: ${line}`));
  if (answer.status === 'failed') {
    options.report?.(`${name}: ${answer.why}.`);
    attempts.push({name, why: answer.why, otherBytes: false});
    return null;
  }
  const {body} = answer;
  const sha256 = createHash('sha256').update(body).digest('hex');
  if (source.sha256 !== undefined && sha256 !== source.sha256) {
    const html = looksLikeHtml(body.subarray(0, 512).toString('latin1'))
      ? ', which look like an HTML page'
      : '';
    const why = `sent ${countOf(body.length, 'byte')}${html}, with sha256 ${sha256}`;
    options.report?.(`WRONG BYTES: ${name} ${why}; expected ${source.sha256}.`);
    attempts.push({name, why, otherBytes: true});
    return null;
  }
  const path = join(options.cacheDir, sha256);
  await writeCached(path, body);
  return {...nameDownloaded(path, url), sha256, bytes: body.length, source: 'network'};
}

async function takeSnapshot(
  source: Source,
  options: FetchOptions,
  attempts: Attempt[],
): Promise<FetchedData | null> {
  if (source.snapshot === undefined) {
    attempts.push({name: 'snapshot', why: 'the descriptor names none', otherBytes: false});
    return null;
  }
  const path = resolve(options.baseDir, source.snapshot);
  const name = `snapshot ${showPath(path)}`;
  const hashed = await hashFile(path);
  if (hashed.status === 'unreadable') {
    attempts.push({name, why: hashed.isAbsent ? 'not there' : hashed.reason, otherBytes: false});
    return null;
  }
  const {sha256, bytes} = hashed;
  if (source.sha256 !== undefined && sha256 !== source.sha256) {
    attempts.push({name, why: `holds ${countOf(bytes, 'byte')} with sha256 ${sha256}`, otherBytes: true});
    return null;
  }
  options.report?.(`Using the ${name} in place of the network.`);
  return {
    path,
    shownAs: showPath(path),
    sha256,
    bytes,
    source: 'snapshot',
    url: stripUserinfo(source.url ?? ''),
  };
}

function failForSources(source: Source, attempts: Attempt[]): Failure {
  const mismatch = attempts.some(({otherBytes}) => otherBytes);
  const wanted = source.sha256 === undefined ? '' : ` with sha256 ${source.sha256}`;
  return new Failure('data', {
    code: mismatch ? 'DATA_HASH_MISMATCH' : 'DATA_UNREACHABLE',
    message: `No source gave the data${wanted}:\n${attempts.map(({name, why}) => `  ${name}: ${why}`).join('\n')}`,
    fix: mismatch
      ? 'Look at what the source sends. If the change is wanted, put the new hash under "sha256" in the descriptor.'
      : 'Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE.',
  });
}

/** Suggests a file of the same folder that a slip could have turned into this name. */
async function suggestNeighbour(path: string): Promise<string> {
  try {
    return suggestName(basename(path), await readdir(dirname(path)));
  } catch (error) {
    const {isAbsent, reason} = explainReadError(error);
    return isAbsent ? ` Nor is there a folder ${showPath(dirname(path))}.` : ` Its folder: ${reason}.`;
  }
}

/** The cached file's own name is a hash, which tells a reader nothing. */
function nameDownloaded(path: string, url: string) {
  const shownAs = stripUserinfo(url);
  return {path, shownAs, typedAs: showPath(path), url: shownAs};
}
