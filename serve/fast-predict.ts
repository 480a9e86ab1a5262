import type {IncomingMessage, ServerResponse} from 'node:http';
import {createWriter} from './predict-route.ts';
import {listPaths, type RowsRead} from './read-rows.ts';
import {chooseRequestId} from './request-id.ts';
import type {Service} from './service.ts';

/** Takes a request, or leaves it to the app: then it has returned false, or calls `leave` later. */
export type FastPath = (
  incoming: IncomingMessage & {rawBody?: Buffer},
  outgoing: ServerResponse,
  leave: () => void,
) => boolean;

/**
 * Answers the usual `POST /predict`, plain JSON rows and nothing special asked for, straight from node:http.
 *
 * Everything else goes the common way through Hono: other headers, other JSON, whatever is wrong. So this file
 * has no error of its own to write, and what it answers is what the app would have answered, to the byte.
 * Numbers beside its steps are what each buys on two cores: requests of one row, or batches of 10,000 rows.
 */
export function createFastPredict(service: Service): FastPath {
  const {artifact, predictor, metrics, maxBodyBytes, maxRows} = service;
  const width = artifact.features.length;
  const write = createWriter(artifact.version);
  const record = metrics.createRecorder('/predict');

  return (incoming, outgoing, leave) => {
    const {headers} = incoming;
    if (
      incoming.method !== 'POST' ||
      incoming.url !== '/predict' ||
      headers['content-type'] !== 'application/json' ||
      headers['content-encoding'] !== undefined ||
      headers.accept?.includes('csv') ||
      !(Number(headers['content-length']) <= maxBodyBytes) ||
      service.phase() !== 'ready'
    ) {
      return false;
    }
    const startedMs = service.now();
    const chunks: Buffer[] = [];
    incoming.on('data', chunk => chunks.push(chunk));
    incoming.on('end', () => {
      const [first = Buffer.alloc(0)] = chunks;
      const body = chunks.length === 1 ? first : Buffer.concat(chunks);
      const rows = parseRows(body, width, maxRows);
      const prediction = rows === undefined ? undefined : predictor.predict(rows, undefined);
      if (rows === undefined || prediction === undefined || 'problem' in prediction) {
        // The adapter takes a body that was read before from here.
        incoming.rawBody = body;
        leave();
        return;
      }
      const sent = headers['x-request-id'];
      const id = chooseRequestId(typeof sent === 'string' ? sent : undefined, service.newRequestId);
      const text = write(prediction);
      outgoing.writeHead(200, [
        'content-type',
        'application/json',
        'x-request-id',
        id,
        'x-model-version',
        artifact.version,
        'content-length',
        String(Buffer.byteLength(text)),
      ]);
      outgoing.end(text);
      const ms = service.now() - startedMs;
      record('POST', 200, ms);
      service.onRequest?.({id, method: 'POST', route: '/predict', status: 200, ms, rows: rows.rows.length});
    });
    return true;
  };
}

const [quote, comma, minus, plus, dot, zero, nine] = [0x22, 0x2c, 0x2d, 0x2b, 0x2e, 0x30, 0x39];
const [openList, closeList, openObject, closeObject, colon, lowerE, upperE] = [
  0x5b, 0x5d, 0x7b, 0x7d, 0x3a, 0x65, 0x45,
];
const key = Buffer.from('"features"');

/** Powers of ten that a double holds exactly. */
const powersOfTen = Array.from({length: 23}, (_, exponent) => 10 ** exponent);
const maxExactInteger = 2 ** 53;

/**
 * Reads `{"features": [[…], …]}` or `{"features": […]}` from the bytes of a body, each row with `width` numbers.
 *
 * It agrees with JSON.parse and the schemas on every body that it reads; what it does not read, it leaves to
 * them: escapes in the key, other or repeated keys, wrong shapes, numbers too large, broken JSON.
 *
 * @returns undefined for a body that it does not read.
 */
export function parseRows(body: Buffer, width: number, maxRows: number): RowsRead | undefined {
  const length = body.length;
  let at = 0;
  if (!take(openObject) || !takeKey() || !take(colon) || !take(openList)) return undefined;
  const rows: number[][] = [];
  const isBatch = peek() === openList;
  if (isBatch) {
    do {
      if (rows.length === maxRows || !take(openList)) return undefined;
      const row = readRow();
      if (row === undefined) return undefined;
      rows.push(row);
    } while (take(comma));
    if (!take(closeList)) return undefined;
  } else {
    const row = readRow();
    if (row === undefined) return undefined;
    rows.push(row);
  }
  if (!take(closeObject) || peek() !== undefined) return undefined;
  return {status: 'read', rows, ...(isBatch ? batchPaths : rowPaths)};

  /** The next byte that is not white space. */
  function peek(): number | undefined {
    let byte = body[at];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = body[++at];
    return byte;
  }

  function take(byte: number): boolean {
    if (peek() !== byte) return false;
    at++;
    return true;
  }

  function takeKey(): boolean {
    if (peek() !== quote || body.compare(key, 0, key.length, at, Math.min(length, at + key.length)) !== 0) {
      return false;
    }
    at += key.length;
    return true;
  }

  /** The numbers of a row after its opening bracket, up to and with the closing one. */
  function readRow(): number[] | undefined {
    const row: number[] = [];
    for (let j = 0; j < width; j++) {
      if (j > 0 && !take(comma)) return undefined;
      const value = readNumber();
      if (value === undefined) return undefined;
      row.push(value);
    }
    return take(closeList) ? row : undefined;
  }

  /**
   * A number of JSON's grammar. Up to 15 digits or so, and a power of ten that is exact too, give the nearest
   * double with one rounded operation (Clinger, "How to read floating point numbers accurately", 1990); others
   * are left to the engine.
   */
  function readNumber(): number | undefined {
    peek();
    const start = at;
    const isNegative = body[at] === minus;
    if (isNegative) at++;
    let mantissa = 0;
    let exponent = 0;
    const firstDigit = at;
    for (let byte = body[at] ?? 0; byte >= zero && byte <= nine; byte = body[++at] ?? 0) {
      mantissa = mantissa * 10 + (byte - zero);
    }
    const digits = at - firstDigit;
    if (digits === 0 || (digits > 1 && body[firstDigit] === zero)) return undefined;
    if (body[at] === dot) {
      const firstDecimal = ++at;
      for (let byte = body[at] ?? 0; byte >= zero && byte <= nine; byte = body[++at] ?? 0) {
        mantissa = mantissa * 10 + (byte - zero);
      }
      exponent = firstDecimal - at;
      if (exponent === 0) return undefined;
    }
    const mark = body[at];
    if (mark === lowerE || mark === upperE) {
      at++;
      const sign = body[at];
      if (sign === minus || sign === plus) at++;
      const firstOfExponent = at;
      let power = 0;
      for (let byte = body[at] ?? 0; byte >= zero && byte <= nine; byte = body[++at] ?? 0) {
        power = power * 10 + (byte - zero);
      }
      if (at === firstOfExponent) return undefined;
      exponent += sign === minus ? -power : power;
    }
    let value: number;
    if (mantissa < maxExactInteger && exponent >= -22 && exponent <= 22) {
      value =
        exponent < 0 ? mantissa / (powersOfTen[-exponent] ?? 1) : mantissa * (powersOfTen[exponent] ?? 1);
      if (isNegative) value = -value;
    } else {
      value = Number(body.toString('latin1', start, at));
    }
    // JSON has no infinity, but too many digits or too large a power make one.
    return Number.isFinite(value) ? value : undefined;
  }
}

const batchPaths = listPaths(i => `features[${i}]`);
const rowPaths = listPaths(() => 'features');
