import assert from 'node:assert/strict';
import type {Tensor, TensorMetadata} from './server.ts';

/** Writes an element in binary, little-endian. */
type Write = (view: DataView, value: number) => void;

/** Size in bytes of an element of each data type, and how it is written. */
const writers: Record<string, [size: number, write: Write]> = {
  BOOL: [1, (view, value) => view.setUint8(0, value)],
  UINT8: [1, (view, value) => view.setUint8(0, value)],
  UINT16: [2, (view, value) => view.setUint16(0, value, true)],
  UINT32: [4, (view, value) => view.setUint32(0, value, true)],
  UINT64: [8, (view, value) => view.setBigUint64(0, BigInt(value), true)],
  INT8: [1, (view, value) => view.setInt8(0, value)],
  INT16: [2, (view, value) => view.setInt16(0, value, true)],
  INT32: [4, (view, value) => view.setInt32(0, value, true)],
  INT64: [8, (view, value) => view.setBigInt64(0, BigInt(value), true)],
  FP32: [4, (view, value) => view.setFloat32(0, value, true)],
  FP64: [8, (view, value) => view.setFloat64(0, value, true)],
};

const rows = 2;

/** Makes a tensor of two rows for an input of a model: small whole numbers, which every data type has. */
export function makeTensor({name, datatype, shape}: TensorMetadata): Tensor & {data: unknown[]} {
  const sized = shape.map((length, i) => (length === -1 ? (i === 0 ? rows : 1) : length));
  const data = Array.from({length: count(sized)}, (_, k): unknown => {
    if (datatype === 'BOOL') return k % 2 === 0;
    return datatype === 'BYTES' ? String(k % 3) : k % 3;
  });
  return {name, datatype, shape: sized, data};
}

/** Counts the elements of a shape. */
export function count(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Nests the elements of a tensor as its shape says. */
export function nest({shape, data}: {shape: number[]; data: unknown[]}): unknown[] {
  return shape
    .slice(1)
    .reduceRight(
      (elements: unknown[], length) =>
        Array.from({length: elements.length / length}, (_, i) =>
          elements.slice(i * length, (i + 1) * length),
        ),
      data,
    );
}

/** Writes the elements of a tensor in binary. */
export function toBinary({datatype, data}: {datatype: string; data: unknown[]}): Buffer {
  if (datatype === 'BYTES') {
    return Buffer.concat(
      data.flatMap(value => {
        const text = Buffer.from(String(value));
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.length);
        return [length, text];
      }),
    );
  }
  const [size, write] =
    writers[datatype] ?? assert.fail(`the data type ${datatype} is unknown to this suite`);
  const bytes = Buffer.alloc(size * data.length);
  for (const [k, value] of data.entries()) {
    write(new DataView(bytes.buffer, bytes.byteOffset + k * size, size), Number(value));
  }
  return bytes;
}

/** Splits an answer with binary data: its JSON, and the bytes of each output. */
export function splitAnswer(
  bytes: Buffer,
  headers: Headers,
): {outputs: Tensor[]; sections: (Buffer | undefined)[]} {
  const length = Number(headers.get('inference-header-content-length'));
  assert.ok(
    length > 0 && length <= bytes.length,
    'the header Inference-Header-Content-Length says how long the JSON is',
  );
  const {outputs} = JSON.parse(bytes.subarray(0, length).toString()) as {outputs: Tensor[]};
  let at = length;
  const sections = outputs.map(({parameters}) => {
    const size = parameters?.binary_data_size;
    if (typeof size !== 'number') return undefined;
    at += size;
    return bytes.subarray(at - size, at);
  });
  assert.equal(at, bytes.length, 'the binary data are as long as "binary_data_size" says');
  return {outputs, sections};
}
