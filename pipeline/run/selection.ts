import {readFile} from 'node:fs/promises';
import {type Descriptor, parseDescriptor, type Source, stripUserinfo} from '../core/dataset/descriptor.ts';
import {Failure} from '../core/failure.ts';
import {listRuleProblems} from '../core/gate/rule-problems.ts';
import {openArtifact, type StoredArtifact} from '../io/artifacts/version-folder.ts';
import {nameDataset} from '../io/data/infer-descriptor.ts';
import {explainReadError} from '../io/data/read-errors.ts';
import type {Inference} from '../stages/validate.ts';
import type {Options} from './options.ts';

/** The artifact that --version names, else the one trained last. */
export async function openChosen(options: Options, version = options.version): Promise<StoredArtifact> {
  return openArtifact(options.artifacts, await chooseName(options), version);
}

/** The name that artifacts and image go by. */
export async function chooseName(options: Options): Promise<string> {
  if (options.name !== undefined) return options.name;
  return (await chooseDescriptor(options))?.name ?? nameDataset(sourceOf(options.csv ?? ''));
}

/** The descriptor that --dataset names, with what the options override; undefined for a CSV that has none. */
export async function chooseDescriptor(options: Options): Promise<Descriptor | undefined> {
  if (options.csv !== undefined) return undefined;
  let text: string;
  try {
    text = await readFile(options.dataset, 'utf8');
  } catch (cause) {
    throw new Failure('usage', {
      code: 'DESCRIPTOR_MISSING',
      message: `The dataset descriptor ${options.dataset} cannot be read: ${explainReadError(cause).reason}.`,
      fix: 'Name another with --dataset FILE, or train on a CSV without one: --csv FILE --target COLUMN.',
      cause,
    });
  }
  const descriptor = parseDescriptor(text, options.dataset, listRuleProblems);
  const {
    name = descriptor.name,
    testSize = descriptor.split.testSize,
    seed = descriptor.split.seed,
  } = options;
  const missing = [...descriptor.format.missing, ...(options.missing ?? [])];
  return {...descriptor, name, format: {...descriptor.format, missing}, split: {testSize, seed}};
}

/** What is to be learnt from a CSV that comes without a descriptor; `report` gets what is left out. */
export function inferenceOf(options: Options, report?: (line: string) => void): Inference {
  const {csv = '', target = [], features, name, missing, testSize, seed} = options;
  return {source: sourceOf(csv), targets: target, features, name, missing, testSize, seed, report};
}

/** How messages call what says what the dataset is. */
export function describeChoice({csv, dataset}: Options): string {
  return csv === undefined ? dataset : `the options for --csv ${stripUserinfo(csv)}`;
}

/** Where --csv points: an address or a file. Throws a usage Failure for addresses other than http and https. */
export function sourceOf(csv: string): Source {
  if (/^https?:\/\//i.test(csv) && URL.canParse(csv)) return {url: csv};
  // a drive letter is no scheme, and a colon alone makes no address
  const scheme = /^([a-z][a-z0-9+.-]+):\/\/|^(https?|ftps?|file):/i.exec(csv);
  if (scheme === null) return {file: csv};
  const name = (scheme[1] ?? scheme[2] ?? '').toLowerCase();
  const fixes: Record<string, string> = {
    http: 'Correct the address: http://HOST/PATH.',
    https: 'Correct the address: https://HOST/PATH.',
    file: 'Name the file by its path alone, without "file://": --csv PATH.',
  };
  throw new Failure('usage', {
    code: 'ADDRESS_INVALID',
    message: `--csv ${stripUserinfo(csv)}: expected a path or an http or https address, found ${name.startsWith('http') ? 'an address that is malformed' : `one that starts with "${name}:"`}`,
    fix: fixes[name] ?? 'Download the file, and name the copy: --csv PATH.',
  });
}
