/** The data types of the protocol, with how a number of a feature is written in each. */
export const datatypes = {
  BOOL: {
    size: 1,
    read: (view, at) => {
      const byte = view.getUint8(at);
      return byte <= 1 ? byte : Number.NaN;
    },
    fromJson: value => (typeof value === 'boolean' ? Number(value) : Number.NaN),
    expected: 'a boolean',
    unreadable: 'a byte other than 0 and 1',
  },
  UINT8: createInteger(1, 'UINT8', [0, 2 ** 8 - 1], (view, at) => view.getUint8(at)),
  UINT16: createInteger(2, 'UINT16', [0, 2 ** 16 - 1], (view, at) => view.getUint16(at, true)),
  UINT32: createInteger(4, 'UINT32', [0, 2 ** 32 - 1], (view, at) => view.getUint32(at, true)),
  // JSON's parser rounds those near the upper bounds, to the bounds at most.
  UINT64: createInteger(8, 'UINT64', [0, 2 ** 64], (view, at) => {
    const high = view.getUint32(at + 4, true);
    return high < 2 ** 21 ? high * 2 ** 32 + view.getUint32(at, true) : toExact(view.getBigUint64(at, true));
  }),
  INT8: createInteger(1, 'INT8', [-(2 ** 7), 2 ** 7 - 1], (view, at) => view.getInt8(at)),
  INT16: createInteger(2, 'INT16', [-(2 ** 15), 2 ** 15 - 1], (view, at) => view.getInt16(at, true)),
  INT32: createInteger(4, 'INT32', [-(2 ** 31), 2 ** 31 - 1], (view, at) => view.getInt32(at, true)),
  INT64: createInteger(8, 'INT64', [-(2 ** 63), 2 ** 63], (view, at) => {
    const high = view.getInt32(at + 4, true);
    const isSmall = high >= -(2 ** 21) && high < 2 ** 21;
    return isSmall ? high * 2 ** 32 + view.getUint32(at, true) : toExact(view.getBigInt64(at, true));
  }),
  FP16: createFloat(2, (view, at) => view.getFloat16(at, true)),
  BF16: createFloat(2, (view, at) => {
    scratch.setUint16(0, view.getUint16(at, true));
    return scratch.getFloat32(0);
  }),
  FP32: createFloat(
    4,
    (view, at) => view.getFloat32(at, true),
    value => Number.isFinite(Math.fround(value)),
    'a number in the range of FP32',
  ),
  FP64: createFloat(8, (view, at) => view.getFloat64(at, true), Number.isFinite, 'a number'),
  BYTES: {
    size: undefined,
    read: () => Number.NaN,
    fromJson: value => (typeof value === 'string' && number.test(value) ? Number(value) : Number.NaN),
    expected: 'a number as text',
    unreadable: 'other text',
  },
} satisfies Record<string, Kind>;

export type Datatype = keyof typeof datatypes;
export const datatypeNames = Object.keys(datatypes) as [Datatype, ...Datatype[]];

/** How the elements of a data type are numbers. */
export type Kind = {
  /** Bytes of an element in binary; undefined where each says how long it is. */
  size: number | undefined;
  /** Reads an element in binary, which is little-endian; not a finite number where no double is its value. */
  read: (view: DataView, at: number) => number;
  /** Reads an element in JSON; not a finite number where it is no value of the type. Undefined where JSON has no form for it. */
  fromJson: ((value: unknown) => number) | undefined;
  /** Words for messages: a value of the type in JSON, and one that cannot be used. */
  expected: string;
  unreadable: string;
};

function createInteger(size: number, name: string, [min, max]: [number, number], read: Kind['read']): Kind {
  return {
    size,
    read,
    fromJson: value =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
        ? value
        : Number.NaN,
    expected: `a whole number in the range of ${name}`,
    unreadable: 'a whole number that no double has',
  };
}

/** Without `holds`, JSON has no form for it. */
function createFloat(
  size: number,
  read: Kind['read'],
  holds?: (value: number) => boolean,
  expected = 'binary data',
): Kind {
  const fromJson = (value: unknown) => (typeof value === 'number' && holds?.(value) ? value : Number.NaN);
  return {
    size,
    read,
    fromJson: holds === undefined ? undefined : fromJson,
    expected,
    unreadable: 'NaN or an infinity',
  };
}

/** As JSON writes numbers. */
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const scratch = new DataView(new ArrayBuffer(4));

function toExact(integer: bigint): number {
  const nearest = Number(integer);
  return BigInt(nearest) === integer ? nearest : Number.NaN;
}
