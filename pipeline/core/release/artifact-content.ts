import type {ArtifactContent, Metrics} from '../../../serve/artifact/artifact.ts';
import {predictRow} from '../../../serve/model/predict.ts';
import type {Descriptor} from '../dataset/descriptor-schema.ts';
import type {Split} from '../dataset/split.ts';
import type {Table} from '../dataset/table-collector.ts';
import type {FittedModel} from '../fit/fitted-model.ts';

/** The most held-out rows that an artifact carries: enough to prove a server, little enough to stay small. */
const maxHeldOut = 100;

/** What the content of an artifact is made of. */
export interface ContentFacts {
  descriptor: Descriptor;
  data: {sha256: string; url: string | null};
  table: Table;
  split: Split;
  model: FittedModel;
  metrics: Metrics;
  libraries: Record<string, string>;
}

/**
 * Puts together all that an artifact says: the model, its scores, the first 100 test rows with the model's own
 * predictions, and what determined it.
 */
export function assembleContent({
  descriptor,
  data,
  table,
  split,
  model,
  metrics,
  libraries,
}: ContentFacts): ArtifactContent {
  const units = new Map(
    descriptor.columns.map(column => [column.name, 'unit' in column ? column.unit : undefined]),
  );
  const unitOf = (name: string) => units.get(name) ?? null;
  return {
    name: descriptor.name,
    features: model.features.map(({name, mean, scale, min, max}) => ({
      name,
      unit: unitOf(name),
      mean,
      scale,
      min,
      max,
    })),
    targets: model.targets.map(({name, intercept, coefficients}) => ({
      name,
      unit: unitOf(name),
      intercept,
      coefficients,
    })),
    ...(model.degreesOfFreedom === 0 ? {} : {uncertainty: describeUncertainty(model)}),
    metrics,
    heldOut: split.test.slice(0, maxHeldOut).map(row => {
      const features = table.features[row] ?? [];
      return {
        row: table.rowNumbers[row] ?? 0,
        features,
        actual: table.targets[row] ?? [],
        prediction: predictRow(model, features),
      };
    }),
    provenance: {
      dataset: {sha256: data.sha256, rows: table.features.length, url: data.url},
      split: {...descriptor.split, train: split.train.length, test: split.test.length},
      descriptor: pickDetermining(descriptor, data.url),
      libraries,
    },
  };
}

/**
 * Picks what of a descriptor determines the model, as the artifact records it: the gate judges a model and the words
 * are about it, neither makes one; the schema's address is for editors.
 */
export function pickDetermining(descriptor: Descriptor, url: string | null): Record<string, unknown> {
  const {$schema: _schema, about: _about, gate: _gate, ...determining} = descriptor;
  // where a copy of the bytes lay says nothing about them
  const {sha256} = descriptor.source;
  const source = {...(url === null ? {} : {url}), ...(sha256 === undefined ? {} : {sha256})};
  return {...determining, source};
}

function describeUncertainty({degreesOfFreedom, targets, inverseFactor}: FittedModel) {
  const residualStandardErrors = targets.map(({residualStandardError}) => residualStandardError);
  return {degreesOfFreedom, residualStandardErrors, inverseFactor};
}
