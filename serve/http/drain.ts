import {Server as NetServer} from 'node:net';
import type {NodeServer} from './node-server.ts';

export type Drain = {
  /**
   * Stops listening and closes each connection behind the answer to what was sent on it.
   *
   * @param deadlineMs after which connections that have not finished are cut.
   * @returns the number of connections that were cut.
   */
  start(deadlineMs: number): Promise<number>;
  /** Cuts every connection now. */
  cut(): void;
};

/** For clients to be let in that were connected before the server stopped listening. */
const letInMs = 200;
/** For a connection that waits for a request to send one: its client cannot know yet. */
const graceMs = 500;
/** The same for a connection that has not sent a byte yet, and is slower to start. */
const silentMs = 1_000;
const idleCheckMs = 50;

/** Prepares a server for a graceful end. */
export function prepareDrain(server: NodeServer): Drain {
  const {connections} = server;
  const {open} = connections;
  let cutCount = 0;
  const cut = () => {
    cutCount += open.size;
    for (const socket of open.keys()) socket.destroy();
  };
  return {
    cut,
    async start(deadlineMs) {
      connections.closeAnswered();
      const serveHeld = await letIn();
      // Not its own `close`, which would also close idle connections, with a request in them that was not read yet.
      const closed = new Promise(resolve => NetServer.prototype.close.call(server, resolve));
      serveHeld();
      const timers = [
        setTimeout(() => {
          // A response that had begun keeps its connection alive: it becomes idle after this call.
          timers.push(setInterval(closeIdle, idleCheckMs));
        }, graceMs),
        setTimeout(() => {
          for (const socket of open.keys()) if (socket.bytesRead === 0) socket.destroy();
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

  /**
   * Accepts the clients that the system has connected already: closing the door would reset them.
   *
   * Requests wait meanwhile, or clients that connect for each would come faster than they are let in, which is one
   * each turn of the event loop.
   *
   * @returns what ends their waiting.
   */
  async function letIn(): Promise<() => void> {
    let opened = 0;
    const count = () => opened++;
    server.on('connection', count);
    const serveHeld = server.holdRequests();
    const endMs = performance.now() + letInMs;
    for (let before = -1; before !== opened && performance.now() < endMs; ) {
      before = opened;
      await readWhatArrived();
      await readWhatArrived();
    }
    server.off('connection', count);
    return serveHeld;
  }

  async function closeIdle(): Promise<void> {
    // Timers run before what has arrived is read.
    await readWhatArrived();
    // Node takes a connection for idle whose client has not read the whole answer yet.
    if (connections.inFlight === 0) server.closeIdleConnections();
  }
}

function readWhatArrived(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
