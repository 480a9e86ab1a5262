import type {Server} from 'node:http';
import type {Socket} from 'node:net';

export type Drain = {
  /**
   * Stops listening, closes idle connections at once and the others as they finish.
   *
   * @param deadlineMs after which connections that have not finished are cut.
   * @returns the number of connections that were cut.
   */
  start(deadlineMs: number): Promise<number>;
  /** Cuts every connection now. */
  cut(): void;
};

/** How long a connection that has not sent a byte yet may still do so. */
const silentMs = 1_000;
const idleCheckMs = 50;

/** Prepares a server for a graceful end. Call it before the server listens. */
export function prepareDrain(server: Server): Drain {
  // Node does not count a connection that never sent a byte as idle, and would wait for it.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  let cutCount = 0;
  const cut = () => {
    cutCount += sockets.size;
    for (const socket of sockets) socket.destroy();
  };
  return {
    cut,
    async start(deadlineMs) {
      const closed = new Promise(resolve => server.close(resolve));
      const timers = [
        // A response that had begun keeps its connection alive: it becomes idle after this call.
        setInterval(() => server.closeIdleConnections(), idleCheckMs),
        setTimeout(() => {
          for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
        }, silentMs),
        setTimeout(cut, deadlineMs),
      ];
      try {
        await closed;
      } finally {
        for (const timer of timers) clearTimeout(timer);
      }
      return cutCount;
    },
  };
}
