import http, {type IncomingMessage} from 'node:http';
import https from 'node:https';
import type {Readable} from 'node:stream';

export interface HttpClientOptions {
  /** To find and reach a server. */
  connectMs: number;
  /** Without a byte from the server. */
  idleMs: number;
  /** How many redirects a GET or HEAD follows; others follow none. */
  maxRedirects: number;
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, to be obeyed where given. */
  proxyEnv: Record<string, string | undefined>;
}

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  headers: Record<string, string>;
  /** Bytes, or what opens a stream of them; a stream needs its `content-length` among the headers. */
  body?: Buffer | (() => Readable) | undefined;
  /** Takes the body of a success piece by piece; the answer then has an empty one. */
  onData?: ((chunk: Buffer, offset: number) => Promise<void>) | undefined;
  /** A larger body of the answer is refused while it arrives. */
  maxBytes: number;
  /** The same for an answer that is no success; default `maxBytes`. */
  maxErrorBytes?: number;
  /** Ends the request at once; it then throws the signal's reason. */
  signal: AbortSignal;
}

/** Any answer: an error, or a redirect beyond the limit, too. */
export interface HttpAnswer {
  status: number;
  /** The reason phrase, such as `Not Found`. */
  statusText: string;
  headers: http.IncomingHttpHeaders;
  /** As it was sent, compressed or not. */
  body: Buffer;
}

/** Keeps connections alive between its requests. */
export interface HttpClient {
  /** @throws an error of the network (`isNetworkError`), often HttpFault; or the signal's reason. */
  send(url: URL, request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

/** A request that got no whole answer: a limit ended it, or the server broke off. Its message says so in words. */
export class HttpFault extends Error {
  readonly code: 'NO_CONNECTION' | 'SILENCE' | 'TOO_LARGE' | 'BROKEN_OFF' | 'LATE';

  constructor(code: HttpFault['code'], message: string, cause?: unknown) {
    super(message, {cause});
    this.code = code;
  }
}

/** The body of an answer is larger than the request allows; no more of it was read. */
export class BodyTooLarge extends HttpFault {
  readonly status: number;
  readonly maxBytes: number;

  constructor(status: number, maxBytes: number) {
    super('TOO_LARGE', `the body is larger than the limit of ${maxBytes / 2 ** 20} MiB`);
    this.status = status;
    this.maxBytes = maxBytes;
  }
}

/** Tells what the network or the other side did from a fault of the program. */
export function isNetworkError(error: unknown): error is Error & {code: string} {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** Opens a client of node:http; nothing is sent before its first request. */
export function openHttpClient(options: HttpClientOptions): HttpClient {
  const agentOptions = {keepAlive: true, proxyEnv: options.proxyEnv};
  const agents = {'http:': new http.Agent(agentOptions), 'https:': new https.Agent(agentOptions)};
  return {
    async send(url, request) {
      let [target, headers] = [url, request.headers];
      for (let redirects = 0; ; redirects++) {
        const answer = await exchange(target, {...request, headers}, options, agents);
        const {location} = answer.headers;
        const isRedirect = [301, 302, 303, 307, 308].includes(answer.status) && location !== undefined;
        const isRead = request.method === 'GET' || request.method === 'HEAD';
        if (!isRedirect || !isRead || redirects === options.maxRedirects) return answer;
        const next = new URL(location, target);
        if (next.origin !== target.origin) headers = withoutLogin(headers);
        target = next;
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

async function exchange(
  url: URL,
  {method, headers, body: sent, onData, maxBytes, maxErrorBytes = maxBytes, signal}: HttpRequest,
  {connectMs, idleMs}: HttpClientOptions,
  agents: Record<string, http.Agent>,
): Promise<HttpAnswer> {
  signal.throwIfAborted();
  const {request: open} = url.protocol === 'https:' ? https : http;
  const request = open(url, {method, headers, agent: agents[url.protocol]});
  const source = typeof sent === 'function' ? sent() : undefined;
  const limits = new AbortController();
  const end = AbortSignal.any([signal, limits.signal]);
  end.addEventListener('abort', () => request.destroy());
  const timer = setTimeout(() => {
    limits.abort(new HttpFault('NO_CONNECTION', `no connection within ${connectMs / 1000} s`));
  }, connectMs);
  request.on('socket', socket => {
    if (socket.connecting) socket.once('connect', () => clearTimeout(timer));
    else clearTimeout(timer);
  });
  request.setTimeout(idleMs, () => {
    limits.abort(new HttpFault('SILENCE', `sent nothing for ${idleMs / 1000} s`));
  });
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // a request that waits for the tunnel of a proxy says nothing when it is destroyed
      end.addEventListener('abort', () => reject(end.reason));
      request.on('response', resolve).on('error', reject);
      if (source === undefined) request.end(sent);
      else source.on('error', error => request.destroy(error)).pipe(request);
    });
    const {statusCode: status = 0, statusMessage: statusText = '', headers: answered} = response;
    const limit = status < 300 ? maxBytes : maxErrorBytes;
    // the length in an answer to HEAD is that of what GET would bring
    const body =
      method === 'HEAD'
        ? Buffer.alloc(0)
        : await readBody(response, limit, status < 300 ? onData : undefined);
    if (method === 'HEAD') response.resume();
    return {status, statusText, headers: answered, body};
  } catch (error) {
    // of a request that we ended, the body only tells that it was cut off
    end.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    source?.destroy();
    // answered before it was sent, or never: the connection is in the middle of it
    if (!request.writableFinished) request.destroy();
  }
}

/** A login is for the host that it was given for. */
function withoutLogin({authorization: _, ...headers}: Record<string, string>): Record<string, string> {
  return headers;
}

async function readBody(
  response: IncomingMessage,
  maxBytes: number,
  onData?: HttpRequest['onData'],
): Promise<Buffer> {
  const {statusCode = 0, headers} = response;
  const refuse = () => {
    response.destroy();
    return new BodyTooLarge(statusCode, maxBytes);
  };
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw refuse();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw refuse();
      if (onData === undefined) chunks.push(chunk);
      else await onData(chunk, bytes - chunk.length);
    }
  } catch (error) {
    if (!isNetworkError(error) || error.code !== 'ECONNRESET') throw error;
    throw new HttpFault('BROKEN_OFF', 'the body broke off before its announced length', error);
  }
  return Buffer.concat(chunks);
}
