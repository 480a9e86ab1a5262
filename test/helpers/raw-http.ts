/** One response as it came over the wire. */
export type RawResponse = {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
};

/**
 * Reads the responses in what a connection received; the last one may be incomplete and is left out.
 *
 * @param ended whether the connection has closed, which ends a body without a declared length.
 */
export function readResponses(received: string, ended = false): RawResponse[] {
  const responses: RawResponse[] = [];
  // A character for each byte: lengths count bytes.
  let rest = Buffer.from(received).toString('latin1');
  for (;;) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd === -1) return responses;
    const [statusLine = '', ...lines] = rest.slice(0, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    if (Number.isNaN(status)) throw new Error(`Not a response: ${JSON.stringify(rest.slice(0, 200))}`);
    const headers = Object.fromEntries(
      lines.map(line => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const content = rest.slice(headEnd + 4);
    const body = readBody(status, headers, content, ended);
    if (body === undefined) return responses;
    responses.push({status, headers, body: Buffer.from(body.text, 'latin1').toString()});
    rest = content.slice(body.length);
  }
}

/** @returns the text of the body and how many characters it takes on the wire; undefined while it is incomplete. */
function readBody(
  status: number,
  headers: Record<string, string>,
  content: string,
  ended: boolean,
): {text: string; length: number} | undefined {
  if (status < 200) return {text: '', length: 0};
  if (headers['transfer-encoding'] === 'chunked') return readChunks(content);
  const declared = headers['content-length'];
  if (declared === undefined) return ended ? {text: content, length: content.length} : undefined;
  const length = Number(declared);
  return content.length < length ? undefined : {text: content.slice(0, length), length};
}

function readChunks(content: string): {text: string; length: number} | undefined {
  let text = '';
  let at = 0;
  for (;;) {
    const size = /^([0-9a-f]+)\r\n/i.exec(content.slice(at, at + 20));
    if (size === null) return undefined;
    const start = at + size[0].length;
    const end = start + Number.parseInt(size[1] ?? '', 16);
    if (content.length < end + 2) return undefined;
    text += content.slice(start, end);
    at = end + 2;
    if (start === end) return {text, length: at};
  }
}

/** Splits the only response that a connection received; header names in lower case. */
export function readResponse(raw: string) {
  const [head = '', content] = raw.split('\r\n\r\n', 2);
  const [statusLine, ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map(line => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return {statusLine, headers, content};
}
