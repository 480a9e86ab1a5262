import http, {type IncomingMessage} from 'node:http';
import https from 'node:https';

export interface HttpClientOptions {
  /** To find and reach a server. */
  connectMs: number;
  /** Without a byte from the server. */
  idleMs: number;
  /** How many redirects a request follows; the answer to a PUT never is. */
  maxRedirects: number;
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, to be obeyed where given. */
  proxyEnv: Record<string, string | undefined>;
}

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'PUT';
  headers: Record<string, string>;
  body?: Buffer;
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
  /** @throws HttpFault, or an error of the network with a `code`. */
  send(url: URL, request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

/** A request that ended without an answer, by a limit of ours or since the server broke off. */
export class HttpFault extends Error {
  readonly kind: 'no-connection' | 'silence' | 'too-large' | 'broken-off';

  constructor(kind: HttpFault['kind'], cause?: unknown) {
    super(`HTTP request: ${kind}`, {cause});
    this.kind = kind;
  }
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
        if (!isRedirect || request.method === 'PUT' || redirects === options.maxRedirects) return answer;
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
  {method, headers, body: sent, maxBytes, maxErrorBytes = maxBytes, signal}: HttpRequest,
  {connectMs, idleMs}: HttpClientOptions,
  agents: Record<string, http.Agent>,
): Promise<HttpAnswer> {
  signal.throwIfAborted();
  const {request: open} = url.protocol === 'https:' ? https : http;
  const request = open(url, {method, headers, agent: agents[url.protocol]});
  const limits = new AbortController();
  const stop = (kind: HttpFault['kind']) => limits.abort(new HttpFault(kind));
  const end = AbortSignal.any([signal, limits.signal]);
  end.addEventListener('abort', () => request.destroy());
  const timer = setTimeout(() => stop('no-connection'), connectMs);
  request.on('socket', socket => {
    if (socket.connecting) socket.once('connect', () => clearTimeout(timer));
    else clearTimeout(timer);
  });
  request.setTimeout(idleMs, () => stop('silence'));
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // a request that waits for the tunnel of a proxy says nothing when it is destroyed
      end.addEventListener('abort', () => reject(end.reason));
      request.on('response', resolve).on('error', reject).end(sent);
    });
    const {statusCode: status = 0, statusMessage: statusText = '', headers: answered} = response;
    const body = await readBody(response, status < 300 ? maxBytes : maxErrorBytes);
    return {status, statusText, headers: answered, body};
  } catch (error) {
    // of a request that we ended, the body only tells that it was cut off
    end.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A login is for the host that it was given for. */
function withoutLogin({authorization: _, ...headers}: Record<string, string>): Record<string, string> {
  return headers;
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new HttpFault('too-large');
      chunks.push(chunk);
    }
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ECONNRESET' ? new HttpFault('broken-off', error) : error;
  }
  return Buffer.concat(chunks, bytes);
}
