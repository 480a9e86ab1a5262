import type {FieldErrors} from '../../rows/field-errors.ts';
import {type Problem, refuse} from '../../rows/problem.ts';
import {countRowsPerSlice, type Sliced} from '../../rows/slices.ts';
import {formatCount} from '../../rows/wording.ts';
import {datatypes} from './datatypes.ts';

/** Names the length of the JSON where binary data stand behind it, in requests and answers. */
export const jsonLengthHeader = 'inference-header-content-length';

/** Bytes behind the JSON of a request, which its tensors take one after the other. */
export type BinaryData = {
  /** Takes the next bytes: fewer where there are no more. */
  take(size: number): Uint8Array;
  /** Says what is wrong when all tensors have taken theirs. */
  checkRest(errors: FieldErrors): void;
};

export type SplitBody = {json: Uint8Array; binary: BinaryData};

/** Splits a body into its JSON and the binary data behind it. */
export function splitBody(bytes: Uint8Array, jsonLength: string | null): SplitBody | Problem {
  const length =
    jsonLength === null ? bytes.length : /^\d{1,15}$/.test(jsonLength) ? Number(jsonLength) : Number.NaN;
  if (!(length <= bytes.length)) {
    const expected = 'the length of the JSON in bytes, at most that of the body';
    return refuse(400, 'invalid_input', `The header "${jsonLengthHeader}" must be ${expected}.`);
  }
  const rest = bytes.subarray(length);
  let at = 0;
  const binary: BinaryData = {
    take(size) {
      const taken = rest.subarray(at, at + size);
      at += size;
      return taken;
    },
    checkRest(errors) {
      if (at === rest.length) return;
      const expected = `${formatCount(at, 'byte')} of binary data behind the JSON, as "binary_data_size" says`;
      errors.add(() => 'inputs', `expected ${expected}; found ${rest.length}`);
    },
  };
  return {json: bytes.subarray(0, length), binary};
}

/**
 * Copies the elements of a tensor into their columns of the rows, row after row; those that are no numbers are added
 * to `errors`.
 */
export function* copyBinary(
  bytes: Uint8Array,
  {path, columns, datatype}: {path: string; columns: readonly number[]; datatype: keyof typeof datatypes},
  rows: readonly number[][],
  features: readonly string[],
  errors: FieldErrors,
): Sliced<void> {
  const {size = 0, read, unreadable} = datatypes[datatype];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rowsPerSlice = countRowsPerSlice(columns.length);
  let at = 0;
  for (const [i, row] of rows.entries()) {
    if (i % rowsPerSlice === 0) yield;
    for (const column of columns) {
      const value = read(view, at);
      row[column] = value;
      if (!Number.isFinite(value)) {
        const k = at / size;
        errors.add(
          () => `${path}.data[${k}]`,
          `expected a number (${features[column]}), found ${unreadable}`,
        );
      }
      at += size;
    }
  }
}

/** Reads texts, each behind its length in 4 bytes; undefined where they are not `count`. */
export function readTexts(bytes: Uint8Array, count: number): string[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  let at = 0;
  while (at + 4 <= bytes.length && texts.length < count) {
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.length) return undefined;
    texts.push(decoder.decode(bytes.subarray(at + 4, end)));
    at = end;
  }
  return at === bytes.length && texts.length === count ? texts : undefined;
}

/** Writes numbers as FP64. */
export function writeDoubles(values: readonly number[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i] ?? Number.NaN, true);
  return new Uint8Array(view.buffer);
}

const decoder = new TextDecoder('utf-8', {ignoreBOM: true});
