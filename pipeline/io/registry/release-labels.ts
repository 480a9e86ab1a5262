import type {Artifact} from '../../../serve/artifact/artifact.ts';
import type {Revision} from '../artifacts/revision.ts';

/** Labels of a release's image. */
export const releaseLabels = {
  title: 'org.opencontainers.image.title',
  version: 'org.opencontainers.image.version',
  baseName: 'org.opencontainers.image.base.name',
  baseDigest: 'org.opencontainers.image.base.digest',
  revision: 'org.opencontainers.image.revision',
  created: 'org.opencontainers.image.created',
  source: 'org.opencontainers.image.source',
  modelName: 'csv-to-server.model.name',
  modelVersion: 'csv-to-server.model.version',
  modelMse: 'csv-to-server.model.mse',
  dataSha256: 'csv-to-server.data.sha256',
  serverSha256: 'csv-to-server.server.sha256',
  /** Digest of the release that the channel pointed at when this one was built. */
  parent: 'csv-to-server.parent.digest',
} as const;

/** Lists the labels of a release's image; what is not known has none. */
export function listLabels({
  artifact: {name, version, metrics, provenance},
  tag,
  serverSha256,
  base,
  revision,
  parent,
}: {
  artifact: Artifact;
  tag: string;
  serverSha256: string;
  base: {name: string; digest: string} | null;
  revision: Revision | null;
  parent: string | null;
}): Record<string, string> {
  const labels = {
    [releaseLabels.title]: name,
    [releaseLabels.version]: tag,
    [releaseLabels.baseName]: base?.name,
    [releaseLabels.baseDigest]: base?.digest,
    [releaseLabels.revision]: revision?.commit,
    [releaseLabels.created]: revision?.date,
    [releaseLabels.source]: revision?.source,
    [releaseLabels.modelName]: name,
    [releaseLabels.modelVersion]: version,
    [releaseLabels.modelMse]: String(metrics.mse),
    [releaseLabels.dataSha256]: provenance.dataset.sha256,
    [releaseLabels.serverSha256]: serverSha256,
    [releaseLabels.parent]: parent,
  };
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (value == null ? [] : [[key, value]])),
  );
}
