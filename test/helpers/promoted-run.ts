import type {Comparison} from '../../pipeline/core/champion/comparison.ts';
import type {BuildEvidence} from '../../pipeline/core/release/evidence.ts';
import type {RunFacts} from '../../pipeline/report/run-facts.ts';
import {type Metrics, sealArtifact} from '../../serve/artifact/artifact.ts';
import {planeContent} from './server-artifact.ts';

export const scores = {mse: 0.25, rmse: 0.5, mae: 0.4, r2: 0.9};
export const metrics: Metrics = {...scores, targets: {height: scores}, baseline: {mse: 2.5}};
export const build: BuildEvidence = {
  subject: {
    kind: 'image',
    engine: 'docker',
    id: `sha256:${'a'.repeat(64)}`,
    digest: `sha256:${'a'.repeat(64)}`,
  },
  tag: '0123456789ab-01234567',
  imageName: 'iris:0123456789ab-01234567',
  modelVersion: '0123456789ab',
  serverSha256: 'b'.repeat(64),
  layerBytes: 87_000,
  sizeBytes: 150 * 2 ** 20,
  base: {name: 'node:24', digest: `sha256:${'c'.repeat(64)}`},
  digest: `sha256:${'a'.repeat(64)}`,
  platforms: ['linux/amd64'],
};
export const champion = {
  reference: 'registry/iris',
  digest: `sha256:${'d'.repeat(64)}`,
  tag: 'ba9876543210-76543210',
  version: 'ba9876543210',
};
const before = {mse: 0.2, rmse: 0.4, mae: 0.4, r2: 0.925};
export const compared: Extract<Comparison, {status: 'compared'}> = {
  status: 'compared',
  champion,
  metrics: {...before, targets: {height: before}, baseline: {mse: 2.5}},
  difference: {
    of: 'squared error',
    mean: 0.05,
    interval: {level: 0.95, low: -0.012345, high: 0.112345},
    rows: 30,
  },
  overlap: {rows: 28, reason: null},
  ownFeatures: {champion: [], challenger: []},
};

const content = planeContent();
/** Predicts height from a and b. */
export const {artifact} = sealArtifact({
  ...content,
  name: 'iris',
  targets: content.targets.map(target => ({...target, name: 'height'})),
  metrics,
  provenance: {...content.provenance, split: {testSize: 0.2, seed: 7, train: 120, test: 30}},
});

/** What is known of a run that has just replaced a champion. */
export const promoted: RunFacts = {
  outcome: 'promoted',
  dataset: {name: 'iris', sha256: 'e'.repeat(64), rows: 150, source: 'network'},
  split: {train: 120, test: 30, seed: 7},
  artifact,
  build,
  smoke: {
    subject: build.subject,
    passed: true,
    checks: [{name: 'answers', passed: true}],
    startupMs: 582,
    p50Ms: 0.5,
    p99Ms: 1.25,
  },
  comparison: compared,
  verdict: {
    passed: true,
    rules: [
      {metric: 'mse', value: 0.25, max: 0.3, passed: true},
      {metric: 'champion.mse.increase', value: 0.25, max: 0.02, passed: true},
    ],
  },
  release: {
    store: 'registry',
    ref: 'registry/iris:0123456789ab-01234567',
    digest: `sha256:${'a'.repeat(64)}`,
    channel: 'production',
  },
  commandLine: 'npm run pipeline -- --dataset data/iris.json --seed 7',
};
