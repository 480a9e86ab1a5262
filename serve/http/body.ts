/** A request's body: its bytes; or the reason why there are none, with what is still to come of it. */
export type Body =
  | {status: 'read'; bytes: Uint8Array}
  | {status: 'too large'; rest: BodyReader | undefined}
  | {status: 'incomplete'};

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

/** Of smaller bodies the pieces cost nothing. */
const smallBytes = 64 * 1024;

/** The most of a refused body that is still read, so that its sender gets to read the answer. */
const maxDiscardBytes = 64 * 1024 * 1024;
const maxDiscardMs = 5_000;

/**
 * Reads a body of at most `maxBytes`.
 *
 * A length declared too large is refused before a byte is read, an undeclared one as soon as it is exceeded.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Body> {
  const declared = request.headers.get('content-length');
  const length = declared === null ? undefined : Number(declared);
  if (length !== undefined && length > maxBytes) {
    return {status: 'too large', rest: request.body?.getReader()};
  }
  try {
    // With a declared length the HTTP parser holds the sender to it, and `arrayBuffer()` keeps the adapter's fast
    // path; touching `body` would build a web stream first: 89 µs a request.
    return length !== undefined && length <= smallBytes
      ? {status: 'read', bytes: new Uint8Array(await request.arrayBuffer())}
      : await readStream(request, length ?? smallBytes, maxBytes);
  } catch {
    // The connection ended first. Nobody is left to read an answer, and it is no failure of ours.
    return {status: 'incomplete'};
  }
}

/**
 * Gives the memory of bytes back, which must not be used any more. The garbage collector would wait: it counts the
 * objects, and not the memory outside of the heap that they hold, which may be ten times as much.
 */
export function release({buffer, byteLength}: Uint8Array): void {
  // Small ones are parts of a buffer that others use.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/**
 * Creates a stream that delivers `text` at once, then reads and drops the rest of the request's body, and only then
 * ends. A server that closes a connection with unread bytes in it resets it, and the client loses the answer:
 * so the answer must carry its own length and end after the body did, or after 64 MiB or 5 s.
 */
export function answerThenDiscard(text: string, rest: BodyReader | undefined): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
    },
    async pull(controller) {
      await discard(rest);
      controller.close();
    },
    cancel() {
      return rest?.cancel();
    },
  });
}

/** Reads a body into one buffer: a sender of single bytes would make a list of a million others. */
async function readStream(request: Request, expectedBytes: number, maxBytes: number): Promise<Body> {
  const reader: BodyReader | undefined = request.body?.getReader();
  if (reader === undefined) return {status: 'read', bytes: new Uint8Array()};
  let bytes = new Uint8Array(expectedBytes);
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const end = length + next.value.byteLength;
    if (end > maxBytes) {
      release(bytes);
      return {status: 'too large', rest: reader};
    }
    if (end > bytes.length) bytes = resize(bytes, Math.min(maxBytes, Math.max(end, 2 * bytes.length)));
    bytes.set(next.value, length);
    length = end;
    release(next.value);
  }
  return {status: 'read', bytes: length === bytes.length ? bytes : resize(bytes, length)};
}

function resize({buffer}: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.transfer(length));
}

async function discard(rest: BodyReader | undefined): Promise<void> {
  if (rest === undefined) return;
  const giveUp = setTimeout(() => void rest.cancel().catch(ignoreGone), maxDiscardMs);
  try {
    let bytes = 0;
    for (let next = await rest.read(); !next.done; next = await rest.read()) {
      bytes += next.value.byteLength;
      if (bytes > maxDiscardBytes) return;
    }
  } catch {
    // The client hung up: there is nothing left to discard.
  } finally {
    clearTimeout(giveUp);
  }
}

/** A connection that is already gone cannot be cancelled, and need not be. */
function ignoreGone(): void {}
