import type {Artifact} from '../../artifact/artifact.ts';
import type {Reply} from '../../http/reply.ts';
import type {Prediction} from '../../rows/predictor.ts';
import type {Sliced} from '../../rows/slices.ts';
import {writeJson} from '../../rows/write-json.ts';
import {jsonLengthHeader, writeDoubles} from './binary.ts';
import type {InferRequest} from './request.ts';
import type {Output} from './schemas.ts';

/** The media type of JSON with binary data behind it. */
export const binaryType = 'application/octet-stream';

/** Writes the answer to an inference request: JSON, and behind it the outputs that were asked for in binary. */
export function* writeAnswer(
  {name, version}: Pick<Artifact, 'name' | 'version'>,
  {id, outputs}: Pick<InferRequest, 'id' | 'outputs'>,
  prediction: Prediction,
): Sliced<Pick<Reply, 'body' | 'headers'>> {
  const {interval, warnings} = prediction;
  const parameters = {
    ...(interval !== undefined && {interval: interval.level}),
    // The protocol's parameters are texts, numbers and booleans, not lists.
    ...(warnings.length > 0 && {
      warnings: warnings.map(({path, message}) => `${path}: ${message}`).join('; '),
    }),
  };
  const sections: Uint8Array<ArrayBuffer>[] = [];
  const tensors: string[] = [];
  for (const output of outputs) {
    const data = pickValues(output, prediction);
    const tensor = {name: output.name, datatype: 'FP64', shape: [data.length]};
    if (output.isBinary) {
      const section = writeDoubles(data);
      sections.push(section);
      tensors.push(JSON.stringify({...tensor, parameters: {binary_data_size: section.length}}));
    } else {
      tensors.push(yield* writeJson({...tensor, data}));
    }
  }
  const head = JSON.stringify({
    model_name: name,
    model_version: version,
    ...(id !== undefined && {id}),
    ...(Object.keys(parameters).length > 0 && {parameters}),
  });
  const json = `${head.slice(0, -1)},"outputs":[${tensors.join()}]}`;
  if (sections.length === 0) return {body: json};
  const bytes = Buffer.from(json);
  return {
    body: Buffer.concat([bytes, ...sections]),
    headers: {'content-type': binaryType, [jsonLengthHeader]: String(bytes.length)},
  };
}

function pickValues({target, part}: Output, {values, interval}: Prediction): number[] {
  const all = part === 'value' ? values : (interval?.[part] ?? []);
  return all.map(value => (typeof value === 'number' ? value : (value[target] ?? Number.NaN)));
}
