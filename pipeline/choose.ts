import {readFile} from 'node:fs/promises';
import {type Descriptor, parseDescriptor, type Source} from './core/descriptor.ts';
import {Failure} from './core/failure.ts';
import {openArtifact, type StoredArtifact} from './io/artifacts.ts';
import type {DataFile} from './io/file-kind.ts';
import {inferDescriptor, nameDataset} from './io/infer-descriptor.ts';
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
      message: `The dataset descriptor ${options.dataset} cannot be read (${cause instanceof Error && 'code' in cause ? cause.code : cause}).`,
      fix: 'Name another with --dataset FILE, or train on a CSV without one: --csv FILE --target COLUMN.',
      cause,
    });
  }
  const descriptor = parseDescriptor(text, options.dataset);
  const {
    name = descriptor.name,
    testSize = descriptor.split.testSize,
    seed = descriptor.split.seed,
  } = options;
  const missing = [...descriptor.format.missing, ...(options.missing ?? [])];
  return {...descriptor, name, format: {...descriptor.format, missing}, split: {testSize, seed}};
}

/** The descriptor of a CSV that comes without one, made from its columns and the options. */
export async function inferFromOptions(file: DataFile, csv: string, options: Options): Promise<Descriptor> {
  const {target = [], features, name, missing, testSize, seed} = options;
  const {split, ...inferred} = await inferDescriptor(file, {
    source: sourceOf(csv),
    targets: target,
    features,
    name,
    missing,
  });
  return {...inferred, split: {testSize: testSize ?? split.testSize, seed: seed ?? split.seed}};
}

/** Where --csv points: an address or a file. */
export function sourceOf(csv: string): Source {
  return /^https?:\/\//i.test(csv) ? {url: csv} : {file: csv};
}
