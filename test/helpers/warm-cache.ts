import {createHash} from 'node:crypto';
import {copyFileSync, mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {projectRoot} from './cli-run.ts';

/** Puts the committed copy of the data into the cache under its hash, so that no test or benchmark asks the network. */
export function setup(): void {
  const snapshot = join(projectRoot, 'data/iris.data');
  const cache = join(projectRoot, 'data/.cache');
  mkdirSync(cache, {recursive: true});
  copyFileSync(snapshot, join(cache, createHash('sha256').update(readFileSync(snapshot)).digest('hex')));
}
