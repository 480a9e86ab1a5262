import {spawnSync} from 'node:child_process';
import {existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {projectRoot} from '../helpers/cli-run.ts';
import type {Bench} from './bench.ts';
import {describeLack} from './python.ts';
import type {ServerCommand} from './server.ts';

/** A type and not an interface: it goes where any record of commands does. */
export type Contenders = {
  /** The bundle as released, with the environment that it finds by default. */
  ours: ServerCommand;
  /** The same, asked with a key. */
  keyed: ServerCommand;
  bare: ServerCommand;
  fastify: ServerCommand;
  /** These are left out when Python or a package of it is missing. */
  flask?: ServerCommand;
  fastapi?: ServerCommand;
};

const peers = {
  flask: {title: 'Flask, scikit-learn', program: 'flask_server.py', packages: ['flask']},
  fastapi: {
    title: 'FastAPI, uvicorn, scikit-learn',
    program: 'fastapi_server.py',
    packages: ['fastapi', 'uvicorn'],
  },
};
export type Peer = keyof typeof peers;

/** Why a server in Python is not among the contenders; undefined when it is. */
export function describePeerLack({python}: Bench, peer: Peer): string | undefined {
  return describeLack(python, ['scikit-learn', 'pandas', ...peers[peer].packages]);
}

/** As `openssl rand -hex 32` makes them. */
const key = '6f1d0c7be2a94585b3c1f07d92e84a66c05be9d1f37a4c28816e5d3b9fa07c42';

function writeKeyFile(folder: string): string {
  const path = join(folder, 'keys');
  writeFileSync(path, key);
  return path;
}

/** Lists the servers that serve the released model; the first call makes the release, and Python's pickle. */
export async function listContenders(bench: Bench): Promise<Contenders> {
  const {server, model} = await bench.release();
  const env = {MODEL_PATH: model};
  const node = {command: process.execPath, env};
  return {
    ours: {...node, title: 'server bundle', args: [server], readyPath: '/readyz'},
    keyed: {
      ...node,
      title: 'server bundle, API key',
      args: [server],
      env: {...env, API_KEY_FILE: writeKeyFile(bench.folder)},
      readyPath: '/readyz',
      headers: {authorization: `Bearer ${key}`},
    },
    bare: {...node, title: 'bare node:http', args: [reference('bare-server.mjs')], readyPath: '/'},
    fastify: {
      ...node,
      title: 'Fastify, pino, prom-client, JSON schemas',
      args: [reference('fastify-server.mjs')],
      readyPath: '/',
    },
    ...preparePeer(bench, 'flask'),
    ...preparePeer(bench, 'fastapi'),
  };
}

/** The path of a program that the project is measured against. */
export function reference(name: string): string {
  return fileURLToPath(new URL(`reference/${name}`, import.meta.url));
}

function preparePeer(bench: Bench, peer: Peer): {[P in Peer]?: ServerCommand} {
  if (describePeerLack(bench, peer) !== undefined) return {};
  const {python, folder} = bench;
  const pickle = join(folder, 'model.pickle');
  if (!existsSync(pickle)) {
    const args = [reference('train.py'), join(projectRoot, 'data/iris.data'), pickle];
    const {status, stderr} = spawnSync(python.command, args, {encoding: 'utf8', timeout: 60_000});
    if (status !== 0) throw new Error(`${python.command} ${args.join(' ')} ended with ${status}:\n${stderr}`);
  }
  const {title, program} = peers[peer];
  const env = {MODEL_PATH: pickle};
  return {[peer]: {title, command: python.command, args: [reference(program)], env, readyPath: '/'}};
}
