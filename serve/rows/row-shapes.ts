import * as z from 'zod/mini';
import type {Artifact} from '../artifact/artifact.ts';
import {readNamedColumns, readSplitFrame} from './data-frames.ts';
import {makeExampleInstances, makeExampleRows} from './examples.ts';
import type {Problem} from './problem.ts';
import {isObject, type RowLimits, type RowsRead, readInstances, readRowList} from './read-rows.ts';
import type {Schemas} from './schemas.ts';
import type {Sliced} from './slices.ts';
import {listNames} from './wording.ts';

/** A way to write rows in JSON: how they are read, and how messages and documentation show them. */
export type RowShape = {
  /**
   * Reads and validates rows.
   *
   * @param path what their sender calls them.
   */
  read: (value: unknown, path: string, limits: RowLimits) => Sliced<RowsRead | Problem>;
  /** The schema of what it reads, made of the schemas that it validates with. */
  schema: (schemas: Schemas) => z.ZodMiniType;
  /** Shows the shape in a message, as in `[[a, b], …]`. */
  sketch: (features: readonly string[]) => string;
  /** Rows that a client might send; the first is what one thinks of, the others have names. */
  examples: readonly {name?: string; make: (artifact: Artifact) => unknown}[];
};

/** `[[1, 2], …]`, or one such row as a batch of one. */
export const rowList: RowShape = {
  read: readRowList,
  schema: ({rows}) => rows,
  sketch: sketchRows,
  examples: [{make: makeExampleRows}, {name: 'one row', make: artifact => makeExampleRows(artifact)[0]}],
};

/** `[{"a": 1, "b": 2}, …]` */
export const instanceList: RowShape = {
  read: readInstances,
  schema: ({instances}) => instances,
  sketch: sketchInstances,
  examples: [{make: makeExampleInstances}],
};

/** Rows that are all lists, or all objects. */
export const rowOrInstanceList: RowShape = {
  read: (value, path, limits) => {
    const hasObjects = Array.isArray(value) && value.some(isObject);
    return hasObjects ? readInstances(value, path, limits) : readRowList(value, path, limits);
  },
  schema: ({rows, instances}) => z.union([rows, instances]),
  sketch: features => `${sketchRows(features)} or ${sketchInstances(features)}`,
  examples: [{make: makeExampleRows}, {name: 'by name', make: makeExampleInstances}],
};

/** pandas' `DataFrame.to_dict(orient="split")`. */
export const splitFrame: RowShape = {
  read: readSplitFrame,
  schema: ({features, ignoresUnknown}) =>
    z.strictObject({
      columns: z.optional(
        z.array(ignoresUnknown ? z.string() : z.enum(features)).check(z.minLength(features.length)),
      ),
      data: z
        .array(z.array(ignoresUnknown ? z.unknown() : z.number()).check(z.minLength(features.length)))
        .check(z.minLength(1)),
      index: z.optional(z.array(z.unknown())),
    }),
  sketch: features =>
    `{"columns": [${listNames(features.map(name => JSON.stringify(name)))}], "data": ${sketchRows(features)}}`,
  examples: [
    {
      make: artifact => {
        const columns = artifact.features.map(({name}) => name);
        return {columns, data: makeExampleRows(artifact), index: [0, 1]};
      },
    },
  ],
};

/** A list of numbers per feature, or rows. */
export const columnsOrRows: RowShape = {
  read: (value, path, limits) =>
    isObject(value) ? readNamedColumns(value, path, limits) : rowOrInstanceList.read(value, path, limits),
  schema: ({features, rows, instances, ignoresUnknown}) => {
    const column = z.array(z.number()).check(z.minLength(1));
    const members = Object.fromEntries(features.map(name => [name, column]));
    return z.union([rows, instances, ignoresUnknown ? z.looseObject(members) : z.strictObject(members)]);
  },
  sketch: features => `{${listNames(features.map(name => `${JSON.stringify(name)}: [number, …]`))}}`,
  examples: [
    {make: makeExampleRows},
    {
      name: 'by column',
      make: artifact => {
        const rows = makeExampleRows(artifact);
        return Object.fromEntries(artifact.features.map(({name}, j) => [name, rows.map(row => row[j])]));
      },
    },
  ],
};

function sketchRows(features: readonly string[]): string {
  return `[[${listNames(features)}], …]`;
}

function sketchInstances(features: readonly string[]): string {
  return `[{${listNames(features.map(name => `${JSON.stringify(name)}: number`))}}, …]`;
}
