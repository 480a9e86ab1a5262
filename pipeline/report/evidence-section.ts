import type {Artifact} from '../../serve/artifact/artifact.ts';
import type {BuildEvidence} from '../core/release/evidence.ts';
import {nameChampion} from './comparison-text.ts';
import {code, type Extent, type Fact, keep, type Section, say, type Text} from './document.ts';
import {formatCount, formatNumber} from './number-text.ts';
import type {RunFacts} from './run-facts.ts';

/** Lists what it takes to make the same model again, and what was made of it; null where nothing is known yet. */
export function describeEvidence(run: RunFacts): Section | null {
  const {artifact, folder, build, smoke, release, comparison, figures} = run;
  const champion = comparison && 'champion' in comparison ? comparison.champion : null;
  const facts = keep<Fact>(
    ...describeSource(run),
    ...(artifact ? describeProvenance(artifact, figures?.commit ?? null) : []),
    folder && fact('artifact', code(folder), 'brief'),
    ...(build ? describeBuild(build) : []),
    ...(smoke ? describeSmoke(smoke) : []),
    release &&
      fact('release', say`${code(release.ref)} ${code(release.digest)} in channel ${code(release.channel)}`),
    champion && fact('champion before', say`${nameChampion(comparison) ?? ''} ${code(champion.digest)}`),
  );
  return facts.length === 0 ? null : {id: 'evidence', title: 'Evidence', blocks: [{type: 'facts', facts}]};
}

/** Says where the data came from this time, which a page about the model leaves out. */
function describeSource({dataset, split}: RunFacts): Fact[] {
  const rows = dataset && `${dataset.name}: ${formatCount(dataset.rows, 'row')} (${dataset.source})`;
  return keep(
    dataset && fact('data', say`${rows ?? ''}, sha256 ${code(dataset.sha256)}`, 'brief'),
    split && fact('split', describeSplit(split), 'brief'),
  );
}

function describeProvenance({provenance, version, formatVersion}: Artifact, commit: string | null): Fact[] {
  const {dataset, split, libraries} = provenance;
  const versions = Object.entries(libraries).map(library => library.join(' '));
  return keep(
    fact('data', dataset.url ?? 'a local file', 'full'),
    fact('sha256', code(dataset.sha256), 'full'),
    fact('split', `${describeSplit(split)}, test size ${split.testSize}`, 'full'),
    fact('model', say`${code(version)}, format ${String(formatVersion)}`, 'full'),
    commit && fact('program', say`commit ${code(commit)}`, 'full'),
    fact('versions', versions.join(', '), 'full'),
  );
}

function describeSplit({train, test, seed}: {train: number; test: number; seed: number}): string {
  return `${formatCount(train, 'row')} to train on, ${formatCount(test)} to test on, seed ${seed}`;
}

function describeBuild({subject, tag, imageName, layerBytes, sizeBytes, base}: BuildEvidence): Fact[] {
  const whole = sizeBytes === null ? '' : `${formatMiB(sizeBytes)} uncompressed, of which `;
  return keep(
    subject.kind === 'image'
      ? fact('image', say`${code(imageName ?? tag)} ${code(subject.id)} (${subject.engine})`)
      : fact('bundle', say`${code(tag)} ${code(`sha256:${subject.sha256}`)}`),
    fact('size', `${whole}server and model ${formatMiB(layerBytes)}`),
    base && fact('base', say`${code(base.name)} ${code(base.digest)}`),
  );
}

function describeSmoke({checks, startupMs, p99Ms}: NonNullable<RunFacts['smoke']>): Fact[] {
  const failed = checks.filter(({passed}) => !passed).map(({name}) => name);
  const count = `${checks.length - failed.length} of ${checks.length} checks passed`;
  const times = `ready after ${formatMs(startupMs)}, p99 of a prediction ${formatMs(p99Ms)}`;
  return [
    fact('smoke test', failed.length === 0 ? count : `${count}; failed: ${failed.join(', ')}`),
    fact('times', times, 'brief'),
  ];
}

function fact(label: string, text: Text, extent?: Extent): Fact {
  return {label, text, extent};
}

function formatMiB(bytes: number): string {
  return `${formatNumber(bytes / 2 ** 20, 3)} MiB`;
}

function formatMs(ms: number | null): string {
  return ms === null ? 'an unknown time' : `${formatNumber(ms, 3)} ms`;
}
