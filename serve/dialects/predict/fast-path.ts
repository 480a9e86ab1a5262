import type {IncomingMessage, ServerResponse} from 'node:http';
import {isWorthPacking, packAnswer} from '../../http/coding.ts';
import type {FastPath} from '../../http/node-server.ts';
import {chooseRequestId} from '../../http/request-id.ts';
import type {Service} from '../../http/service.ts';
import {formatTraceResponse, readTrace} from '../../observe/trace.ts';
import {createListPaths, type RowsRead} from '../../rows/read-rows.ts';
import {createHealthChecks} from '../server/health.ts';
import {createWriter} from './write-prediction.ts';

/**
 * Answers what is asked most, straight from node:http: the health checks, and the usual `POST /predict`, plain JSON
 * rows and nothing special asked for.
 *
 * Everything else goes the common way through Hono: other headers, other JSON, whatever is wrong. So this file
 * has no error of its own to write, and what it answers is what the app would have answered, to the byte. A server
 * that is asked nothing else never loads the app (see `LoadApp`).
 * Numbers beside its steps are what each buys on two cores: requests of one row, or batches of 10,000 rows.
 */
export function createFastPath(service: Service): FastPath {
  const {vertex, guard} = service;
  const predict = createPredict(service);
  const checkHealth = createHealthAnswers(service);
  // Where the platform's dialect has the path, it is the app's.
  const isPredictTaken = vertex?.predictRoute === '/predict';
  const takenHealthRoute = vertex?.healthRoute;

  return (incoming, outgoing, leave) => {
    const {method, url, headers} = incoming;
    // What scripts of other sites may read stands in headers that the app adds.
    if (service.cors !== undefined && headers.origin !== undefined) return false;
    // A draining server has more to say than the usual, and a strange Host is to be refused: the app does both.
    if (service.phase() !== 'ready' || !plainHost.test(headers.host ?? '')) return false;
    if (method === 'POST') {
      const isOurs = url === '/predict' && !isPredictTaken && guard?.refuse(incoming) === undefined;
      return isOurs && predict(incoming, outgoing, leave);
    }
    if (method !== 'GET' || url === takenHealthRoute) return false;
    return (url === '/healthz' || url === '/readyz') && checkHealth(url, incoming, outgoing);
  };
}

/** Larger bodies would hold the event loop for more than some ms: the app reads them in slices. */
const maxQuickBytes = 1024 * 1024;

/** A name or an address, and a port; none in HTTP/1.0. */
const plainHost = /^(?:[\w.-]*|\[[\da-f:.]*\])(?::\d+)?$/i;

function createHealthAnswers(service: Service) {
  const checks = createHealthChecks(service);
  const send = createSender(service);
  return (path: keyof typeof checks, incoming: IncomingMessage, outgoing: ServerResponse): boolean => {
    const startedMs = service.now();
    const reply = checks[path]();
    if ('problem' in reply || typeof reply.body !== 'string') return false;
    send(incoming, outgoing, {method: 'GET', route: path, text: reply.body, rows: undefined, startedMs});
    return true;
  };
}

function createPredict(service: Service): FastPath {
  const {artifact, predictor, maxRows} = service;
  const maxBytes = Math.min(service.maxBodyBytes, maxQuickBytes);
  const width = artifact.features.length;
  const write = createWriter(artifact.version);
  const send = createSender(service);

  return (incoming, outgoing, leave) => {
    const {headers} = incoming;
    const {accept} = headers;
    if (
      headers['content-type'] !== 'application/json' ||
      headers['content-encoding'] !== undefined ||
      (accept !== undefined && accept !== '*/*' && accept !== 'application/json') ||
      !(Number(headers['content-length']) <= maxBytes)
    ) {
      return false;
    }
    const startedMs = service.now();
    const chunks: Buffer[] = [];
    incoming.on('data', chunk => chunks.push(chunk));
    incoming.on('end', () => {
      const [first = Buffer.alloc(0)] = chunks;
      const body = chunks.length === 1 ? first : Buffer.concat(chunks);
      const asked = parseRows(body, width, maxRows);
      const prediction = asked === undefined ? undefined : predictor.predict(asked, undefined);
      if (asked === undefined || prediction === undefined || 'problem' in prediction) {
        // The adapter takes a body that was read before from here.
        incoming.rawBody = body;
        leave();
        return;
      }
      const text = write(prediction);
      send(incoming, outgoing, {method: 'POST', route: '/predict', text, rows: asked.rows.length, startedMs});
    });
    return true;
  };
}

/** Sends an answer with status 200, counts and logs it. */
function createSender({artifact, metrics, newRequestId, now, onRequest}: Service) {
  const records = new Map(
    ['/predict', '/healthz', '/readyz'].map(route => [route, metrics.createRecorder(route)]),
  );
  return (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    answer: {method: string; route: string; text: string; rows: number | undefined; startedMs: number},
  ) => {
    const {headers} = incoming;
    const {method, route, text, rows, startedMs} = answer;
    const sent = headers['x-request-id'];
    const id = chooseRequestId(typeof sent === 'string' ? sent : undefined, newRequestId);
    const traceparent = headers.traceparent;
    const trace = readTrace(typeof traceparent === 'string' ? traceparent : undefined);
    if (!isWorthPacking(text.length)) finish(text);
    else
      void packAnswer(text, headers['accept-encoding']).then(packed => finish(packed.body, packed.headers));

    function finish(body: string | Uint8Array, more?: Readonly<Record<string, string>>): void {
      // A flat list is written as it is; an object would be turned into one, name by name.
      const list = [
        'content-type',
        'application/json',
        'x-request-id',
        id,
        'x-model-version',
        artifact.version,
        'content-length',
        String(Buffer.byteLength(body)),
      ];
      if (trace !== undefined) list.push('traceresponse', formatTraceResponse(trace));
      if (more !== undefined) list.push(...Object.entries(more).flat());
      outgoing.writeHead(200, list);
      // A long text in pieces is written as bytes in a tenth of a millisecond less.
      outgoing.end(body.length < 4096 ? body : Buffer.from(body));
      const ms = now() - startedMs;
      records.get(route)?.(method, 200, ms);
      onRequest?.({id, method, route, status: 200, ms, rows, trace});
    }
  };
}

/** Powers of ten that a double holds exactly. */
const powersOfTen = Array.from({length: 23}, (_, exponent) => 10 ** exponent);
const maxExactInteger = 2 ** 53;

/** The bytes of JSON's grammar by name. */
const space = 0x20;
const [quote, comma, minus, plus, dot, zero, nine] = [0x22, 0x2c, 0x2d, 0x2b, 0x2e, 0x30, 0x39];
const [openList, closeList, openObject, closeObject, colon] = [0x5b, 0x5d, 0x7b, 0x7d, 0x3a];
const [lowerE, upperE] = [0x65, 0x45];

/**
 * Reads `{"features": [[…], …]}` or `{"features": […]}` from the bytes of a body, each row with `width` numbers.
 *
 * It agrees with JSON.parse and the schemas on every body that it reads; what it does not read, it leaves to
 * them: escapes in the key, other or repeated keys, wrong shapes, numbers too large, broken JSON.
 *
 * One long function, because a position that is shared by functions lives in memory instead of a register: in
 * parts it took 0.97 ms for 10,000 rows, as long as JSON.parse.
 *
 * @returns undefined for a body that it does not read.
 */
export function parseRows(body: Buffer, width: number, maxRows: number): RowsRead | undefined {
  let at = findRows(body);
  if (at === -1) return undefined;
  const isBatch = body[at] === openList;
  if (isBatch) at++;
  const rows: number[][] = [];
  // The whole body, once a number needs the engine: to cut each out of the bytes costs three times as much.
  let text: string | undefined;
  // Copying a list of doubles is the cheapest way to one of the right length.
  const blank = Array.from({length: width}, () => 0.5);
  for (;;) {
    // Here `at` is behind the opening bracket of a row.
    if (rows.length === maxRows) return undefined;
    const row = blank.slice();
    for (let j = 0; j < width; j++) {
      let byte = body[at];
      while (isSpace(byte)) byte = body[++at];
      const start = at;
      if (byte === minus) byte = body[++at];
      let mantissa = 0;
      let exponent = 0;
      const firstDigit = at;
      while (byte !== undefined && byte >= zero && byte <= nine) {
        mantissa = mantissa * 10 + (byte - zero);
        byte = body[++at];
      }
      const digits = at - firstDigit;
      if (digits === 0 || (digits > 1 && body[firstDigit] === zero)) return undefined;
      if (byte === dot) {
        const firstDecimal = ++at;
        byte = body[at];
        while (byte !== undefined && byte >= zero && byte <= nine) {
          mantissa = mantissa * 10 + (byte - zero);
          byte = body[++at];
        }
        exponent = firstDecimal - at;
        if (exponent === 0) return undefined;
      }
      if (byte === lowerE || byte === upperE) {
        byte = body[++at];
        const isDown = byte === minus;
        if (isDown || byte === plus) byte = body[++at];
        const firstOfPower = at;
        let power = 0;
        while (byte !== undefined && byte >= zero && byte <= nine) {
          power = power * 10 + (byte - zero);
          byte = body[++at];
        }
        if (at === firstOfPower) return undefined;
        exponent += isDown ? -power : power;
      }
      if (mantissa < maxExactInteger && exponent >= -22 && exponent <= 22) {
        // Both factors are exact, so that their one rounded product or quotient is the nearest double (Clinger,
        // "How to read floating point numbers accurately", 1990).
        const power = powersOfTen[exponent < 0 ? -exponent : exponent] ?? 1;
        const value = exponent < 0 ? mantissa / power : mantissa * power;
        row[j] = body[start] === minus ? -value : value;
      } else {
        text ??= body.toString('latin1');
        const value = Number(text.slice(start, at));
        // JSON has no infinity, but too large a power makes one.
        if (!Number.isFinite(value)) return undefined;
        row[j] = value;
      }
      while (isSpace(byte)) byte = body[++at];
      if (byte !== (j === width - 1 ? closeList : comma)) return undefined;
      at++;
    }
    rows.push(row);
    if (!isBatch) break;
    at = skipSpace(body, at);
    if (body[at] === closeList) {
      at++;
      break;
    }
    if (body[at] !== comma) return undefined;
    at = skipSpace(body, at + 1);
    if (body[at] !== openList) return undefined;
    at++;
  }
  at = skipSpace(body, at);
  if (body[at] !== closeObject || skipSpace(body, at + 1) !== body.length) return undefined;
  return {status: 'read', rows, ...(isBatch ? batchPaths : rowPaths)};
}

/** The position behind `{"features": [` and white space, or -1. */
function findRows(body: Buffer): number {
  let at = skipSpace(body, 0);
  if (body[at] !== openObject) return -1;
  at = skipSpace(body, at + 1);
  if (body[at] !== quote || body.toString('latin1', at, at + key.length) !== key) return -1;
  at = skipSpace(body, at + key.length);
  if (body[at] !== colon) return -1;
  at = skipSpace(body, at + 1);
  return body[at] === openList ? skipSpace(body, at + 1) : -1;
}

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  while (isSpace(body[at])) at++;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

const key = '"features"';
const batchPaths = createListPaths(i => `features[${i}]`);
const rowPaths = createListPaths(() => 'features');
