import {type ChildProcess, spawn} from 'node:child_process';
import {chmod, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {connect, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {bundleServer as bundleForRelease} from '../../pipeline/io/artifacts/bundle.ts';

export type Exit = {code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string};

export type RunningServer = {
  url: string;
  port: number;
  child: ChildProcess;
  /** Everything written to stdout so far. */
  stdout: () => string;
  exited: Promise<Exit>;
};

export type ServerBundle = {
  folder: string;
  /** The bundle, with `model.json` beside it. */
  file: string;
  remove: () => Promise<void>;
};

/** Bundles the server as a release does: into a folder of its own, far from node_modules. */
export async function bundleServer(modelText: string): Promise<ServerBundle> {
  const folder = await mkdtemp(join(tmpdir(), 'server-'));
  await chmod(folder, 0o755);
  const file = join(folder, 'server.mjs');
  const {bytes, docs} = await bundleForRelease();
  for (const [name, content] of Object.entries({'server.mjs': bytes, ...docs})) {
    await writeFile(join(folder, name), content);
  }
  await writeFile(join(folder, 'model.json'), modelText);
  return {folder, file, remove: () => rm(folder, {recursive: true})};
}

/** Runs the bundle to its end. The environment is only what is given. */
export function runServer(
  bundle: ServerBundle,
  env: Record<string, string> = {},
  args: readonly string[] = [],
  uid?: number,
): Promise<Exit> {
  return watchExit(spawnServer(bundle, env, args, uid)).exited;
}

/** Starts the bundle on a free port and waits, for half a minute, for the line that says where it listens. */
export async function startServer(
  bundle: ServerBundle,
  env: Record<string, string> = {},
  args: readonly string[] = [],
  uid?: number,
): Promise<RunningServer> {
  const child = spawnServer(bundle, {PORT: '0', ...env}, args, uid);
  const {exited, stdout, nextOutput} = watchExit(child);
  const deadline = setTimeout(() => child.kill('SIGKILL'), 30_000);
  try {
    for (;;) {
      const address = /"address":"([^"]+)"/.exec(stdout())?.[1];
      if (address !== undefined)
        return {url: address, port: Number(new URL(address).port), child, stdout, exited};
      const ended = await Promise.race([exited, nextOutput()]);
      if (ended !== undefined) throw new Error(`The server did not get to listen: ${JSON.stringify(ended)}`);
    }
  } finally {
    clearTimeout(deadline);
  }
}

/** Ends a server that a test may have left running. */
export async function stopServer(server: RunningServer | undefined): Promise<void> {
  server?.child.kill('SIGKILL');
  await server?.exited;
}

/** A TCP connection that collects all it receives as text. */
export function openConnection(port: number): {
  socket: Socket;
  received: () => string;
  receive: (part: string) => Promise<string>;
  closed: Promise<string>;
} {
  const socket = connect({port, host: '127.0.0.1'});
  let text = '';
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  socket.setEncoding('utf8').on('data', chunk => {
    text += chunk;
    notify();
  });
  const closed = new Promise<string>((resolve, reject) => {
    socket.once('close', () => {
      resolve(text);
      notify();
    });
    socket.once('error', reject);
  });
  // A test that does not wait for the end is not to fail by it.
  closed.catch(notify);
  const receive = (part: string) =>
    new Promise<string>((resolve, reject) => {
      const check = () => {
        if (text.includes(part)) resolve(text);
        else if (socket.destroyed) reject(new Error(`The connection closed after ${JSON.stringify(text)}`));
        else return;
        listeners.delete(check);
      };
      listeners.add(check);
      check();
    });
  return {socket, received: () => text, receive, closed};
}

function spawnServer(
  bundle: ServerBundle,
  env: Record<string, string>,
  args: readonly string[],
  uid: number | undefined,
): ChildProcess {
  const user = uid === undefined ? {} : {uid, gid: uid};
  return spawn(process.execPath, [bundle.file, ...args], {
    cwd: '/',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
}

function watchExit(child: ChildProcess) {
  let stdout = '';
  let stderr = '';
  let wake = () => {};
  child.stdout?.setEncoding('utf8').on('data', chunk => {
    stdout += chunk;
    wake();
  });
  child.stderr?.setEncoding('utf8').on('data', chunk => {
    stderr += chunk;
  });
  const exited = new Promise<Exit>(resolve => {
    child.once('close', (code, signal) => resolve({code, signal, stdout, stderr}));
  });
  const nextOutput = () =>
    new Promise<undefined>(resolve => {
      wake = () => resolve(undefined);
    });
  return {exited, stdout: () => stdout, nextOutput};
}
