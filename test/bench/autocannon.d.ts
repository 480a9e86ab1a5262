/** The part of autocannon that the bench uses; the package brings no types. */
declare module 'autocannon' {
  import type {EventEmitter} from 'node:events';

  export interface LoadRequest {
    method: 'GET' | 'POST';
    path: string;
    headers?: Record<string, string>;
    body?: string | Buffer;
    onResponse?: (status: number, body: string) => void;
  }

  interface Options {
    url: string;
    connections: number;
    /** Seconds. */
    duration: number;
    /** Milliseconds between looks at whether to stop. */
    sampleInt: number;
    requests: LoadRequest[];
    /** Called for each connection before it is opened. */
    setupClient?: (client: LoadClient) => void;
  }

  /** One connection; the methods are not documented. */
  export type LoadClient = EventEmitter<{headers: [{shouldKeepAlive: boolean}]}> & {
    _doRequest(): void;
    _resetConnection(): void;
  };

  interface Outcome {
    errors: number;
    timeouts: number;
    non2xx: number;
  }

  type Run = PromiseLike<Outcome> &
    EventEmitter<{response: [client: unknown, status: number, bytes: number, ms: number]}> & {stop(): void};

  // biome-ignore lint/style/noDefaultExport: this is how the package exports it
  export default function autocannon(options: Options): Run;
}
