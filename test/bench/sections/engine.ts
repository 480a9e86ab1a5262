import {readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {runCli} from '../../helpers/cli-run.ts';
import type {Bench} from '../bench.ts';
import {atMost, formatMiB, formatMs, type Table} from '../table.ts';

/** The exit code for it. */
const engineMissing = 5;

/** One run of the pipeline with a container engine: its stages, and the image that it makes. */
export async function benchEngine({folder}: Bench): Promise<Table[]> {
  const {code, result, stderr} = await runCli(['pipeline', '--artifacts', join(folder, 'engine'), '--json']);
  if (code !== 0 && code !== engineMissing) throw new Error(`The pipeline ended with ${code}:\n${stderr}`);
  const {artifact, image, stages, smoke} = result();
  if (artifact === null || image === null) {
    const missing = 'no container engine answers. Start Docker, or install Podman';
    return [{title: 'With a container engine', rows: [{what: 'stages and image', missing}]}];
  }
  const context = join(artifact, 'context');
  const layerBytes = readdirSync(context).reduce((sum, file) => sum + statSync(join(context, file)).size, 0);
  return [
    {
      title: 'With a container engine, by stage',
      rows: stages.map(({name, ms}) => ({what: name, measured: formatMs(ms)})),
    },
    {
      title: 'Image',
      rows: [
        atMost('our layer: server, model, documentation', layerBytes, 2 ** 21, formatMiB),
        {what: 'whole image', measured: formatMiB(image.sizeBytes)},
        {what: 'container start to first 200', measured: formatMs(smoke?.startupMs ?? Number.NaN)},
        {what: 'p99 of 200 sequential predictions', measured: formatMs(smoke?.p99Ms ?? Number.NaN)},
      ],
    },
  ];
}
