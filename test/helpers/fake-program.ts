import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

export interface FakeProgram {
  /** An environment in which the program is found, and nothing else. */
  env: {PATH: string};
  /** Sets what the program does when its first argument is this; a piece of shell script. */
  answer(verb: string, script: string): void;
  /** What it was called with so far, a line a call. */
  calls(): string[];
  /** All that it found in its environment so far. */
  environments(): string;
}

/**
 * Puts a program of this name into a folder of its own, for what a real one cannot be made to do. It writes down
 * how it is called, does what was set for its first argument, and nothing but succeed for any other.
 */
export function makeFakeProgram(parent: string, name: string): FakeProgram {
  const folder = mkdtempSync(join(parent, 'fake-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const script = [
    '#!/bin/sh',
    `printf '%s\\n' "$*" >>'${folder}/calls'`,
    `export -p >>'${folder}/environments'`,
    `if [ -f "${folder}/on-$1" ]; then . "${folder}/on-$1"; fi`,
  ];
  writeFileSync(join(bin, name), `${script.join('\n')}\n`);
  chmodSync(join(bin, name), 0o755);
  const read = (file: string) =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '';
  return {
    env: {PATH: bin},
    answer: (verb, what) => writeFileSync(join(folder, `on-${verb}`), what),
    calls: () => read('calls').trimEnd().split('\n'),
    environments: () => read('environments'),
  };
}
