import type {Artifact} from '../../../serve/artifact/artifact.ts';

/** Labels of a release's image. */
export const releaseLabels = {
  title: 'org.opencontainers.image.title',
  version: 'org.opencontainers.image.version',
  baseName: 'org.opencontainers.image.base.name',
  baseDigest: 'org.opencontainers.image.base.digest',
  description: 'org.opencontainers.image.description',
  licenses: 'org.opencontainers.image.licenses',
  modelName: 'csv-to-server.model.name',
  modelVersion: 'csv-to-server.model.version',
  modelMse: 'csv-to-server.model.mse',
  dataSha256: 'csv-to-server.data.sha256',
  serverSha256: 'csv-to-server.server.sha256',
  /** Digest of the release that the channel pointed at when this one was built; only earlier programs wrote it. */
  parent: 'csv-to-server.parent.digest',
} as const;

/** Lists the labels of a release's image: what it is, and nothing of who made it or when. */
export function listLabels(
  {name, version, targets, metrics, provenance}: Artifact,
  serverSha256: string,
): Record<string, string> {
  const predicted = targets.map(target => target.name).join(', ');
  return {
    [releaseLabels.title]: name,
    [releaseLabels.version]: version,
    [releaseLabels.description]: `A linear regression that predicts ${predicted}, and the server that answers with it.`,
    [releaseLabels.licenses]: 'MIT',
    [releaseLabels.modelName]: name,
    [releaseLabels.modelVersion]: version,
    [releaseLabels.modelMse]: String(metrics.mse),
    [releaseLabels.dataSha256]: provenance.dataset.sha256,
    [releaseLabels.serverSha256]: serverSha256,
  };
}

/** The tag of a release: the version of its model, and the first 8 hex digits of its digest. */
export function nameTag(modelVersion: string, digest: string): string {
  return `${modelVersion}-${digest.slice('sha256:'.length, 'sha256:'.length + 8)}`;
}

/** The tag of a release that is in a registry; those of earlier programs name it in a label. */
export function readTagName({
  labels,
  modelVersion,
  digest,
}: {
  labels: Readonly<Record<string, string>>;
  modelVersion: string;
  digest: string;
}): string {
  const label = labels[releaseLabels.version] ?? '';
  return /^[0-9a-f]{12}-[0-9a-f]{8}$/.test(label) ? label : nameTag(modelVersion, digest);
}
