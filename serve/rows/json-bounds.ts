import type {RowLimits} from './read-rows.ts';

/** The most that a body of JSON may have. */
export type JsonBounds = {
  /** Lists and objects in one another. */
  depth: number;
  /** Lists and objects in all. */
  containers: number;
  keys: number;
  /** Keys of an object, and different keys in all. */
  names: number;
  /** Values and keys that follow another. */
  commas: number;
};

/** What there is too much of: lists in one another, different keys, a text's length, or lists, keys and values in all. */
export type Excess = 'depth' | 'keys' | 'text' | 'values';

/** What a dialect's rows may be made of: so many lists or objects, and so many keys. */
export type RowParts = {lists: number; keys: number};

/** Bounds a body by what the rows of a model need, and as much again: columns that it does not have may be among them. */
export function boundJson({schemas, maxRows}: RowLimits, {lists, keys}: RowParts): JsonBounds {
  const width = schemas.features.length;
  const others = 1_000 + 2 * width;
  return {
    depth: 16,
    containers: maxRows * lists + others,
    keys: 2 * maxRows * keys + others,
    names: others,
    commas: 2 * maxRows * (width + 1) + others,
  };
}
