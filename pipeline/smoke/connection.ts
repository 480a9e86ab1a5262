import {Agent, type IncomingHttpHeaders, request} from 'node:http';
import type {Exchange} from '../../serve/dialects/dialect.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A connection to a server, kept alive from one exchange to the next as clients keep theirs. */
export interface Connection {
  /** Sends the request of an exchange. Rejects where no whole answer comes. */
  send(exchange: Exchange): Promise<Answer>;
  /** Ends it: a server that is told to stop waits half a second for what an idle connection may still send. */
  close(): void;
}

const answerTimeoutMs = 10_000;
const maxAnswerBytes = 16 * 2 ** 20;

/** Opens a connection to the server at a URL; it connects with the first request. */
export function openConnection(url: string, signal: AbortSignal): Connection {
  const agent = new Agent({keepAlive: true, maxSockets: 1});
  return {
    close: () => agent.destroy(),
    send({method, path, headers = {}, body}) {
      const isSent = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
      const content = isSent ? body : JSON.stringify(body);
      const type = content === undefined ? {} : {'content-type': 'application/json'};
      const options = {
        method,
        agent,
        headers: {...type, ...headers},
        signal: AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]),
      };
      return new Promise((resolve, reject) => {
        request(`${url}${path}`, options, incoming => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          incoming.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            chunks.push(chunk);
            if (bytes > maxAnswerBytes)
              incoming.destroy(new Error(`the answer has over ${maxAnswerBytes} bytes`));
          });
          incoming.once('error', reject);
          incoming.once('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({status: incoming.statusCode ?? 0, headers: incoming.headers, text});
          });
        })
          .once('error', reject)
          .end(content);
      });
    },
  };
}
