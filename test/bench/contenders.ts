import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
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
  bare: ServerCommand;
  fastify: ServerCommand;
  /** Left out when Python or a package of it is missing. */
  flask?: ServerCommand;
};

/** Why Flask is not among the contenders; undefined when it is. */
export function describeFlaskLack({python}: Bench): string | undefined {
  return describeLack(python, ['scikit-learn', 'pandas', 'flask']);
}

/** Lists the servers that serve the released model; the first call makes the release, and Python's pickle. */
export async function listContenders(bench: Bench): Promise<Contenders> {
  const {server, model} = await bench.release();
  const env = {MODEL_PATH: model};
  const node = {command: process.execPath, env};
  return {
    ours: {...node, title: 'server bundle', args: [server], readyPath: '/readyz'},
    bare: {...node, title: 'bare node:http', args: [reference('bare-server.mjs')], readyPath: '/'},
    fastify: {
      ...node,
      title: 'Fastify, pino, prom-client, JSON schemas',
      args: [reference('fastify-server.mjs')],
      readyPath: '/',
    },
    ...(describeFlaskLack(bench) === undefined ? {flask: prepareFlask(bench)} : {}),
  };
}

/** The path of a program that the project is measured against. */
export function reference(name: string): string {
  return fileURLToPath(new URL(`reference/${name}`, import.meta.url));
}

function prepareFlask({python, folder}: Bench): ServerCommand {
  const pickle = join(folder, 'model.pickle');
  if (!existsSync(pickle)) {
    const args = [reference('train.py'), join(projectRoot, 'data/iris.data'), pickle];
    const {status, stderr} = spawnSync(python.command, args, {encoding: 'utf8', timeout: 60_000});
    if (status !== 0) throw new Error(`${python.command} ${args.join(' ')} ended with ${status}:\n${stderr}`);
  }
  return {
    title: 'Flask, scikit-learn',
    command: python.command,
    args: [reference('flask_server.py')],
    env: {MODEL_PATH: pickle},
    readyPath: '/',
  };
}
