import {chmodSync, existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {makeFolder} from './helpers/folder.ts';
import {explainGap} from './helpers/machine-parts.ts';

const bin = makeFolder();

/** Puts a command of the test's own where parts are looked for, and nothing else. */
function install(command: string, script: string): void {
  const file = join(bin, command);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

describe('a part that a test needs', () => {
  test('is told as missing where it is not installed, with what installs it', () => {
    expect(explainGap('podman', {PATH: bin})).toBe('podman is not installed: sudo apt-get install podman');
  });

  test('is told as installed where its daemon does not run, with what starts it', () => {
    install('docker', 'echo Server:\necho "Cannot connect to the Docker daemon. Is it running?" >&2\nexit 1');
    expect(explainGap('docker', {PATH: bin})).toBe(
      'docker is installed, but does not run (Cannot connect to the Docker daemon. Is it running?): sudo systemctl start docker',
    );
  });

  test('is told as refused where this account may not use it', () => {
    install('docker', 'echo "permission denied while trying to connect to the API" >&2\nexit 1');
    expect(explainGap('docker', {PATH: bin})).toBe(
      'docker is installed, but does not run (permission denied while trying to connect to the API): sudo usermod --append --groups docker "$USER"',
    );
  });

  test('is there where its probe succeeds', () => {
    install('docker', 'test "$1" = info');
    expect(explainGap('docker', {PATH: bin})).toBeUndefined();
  });

  test('is not looked for where CONTAINER_ENGINE=none leaves engines out, which CI=true does not allow', () => {
    install('docker', `touch ${join(bin, 'asked')}`);
    expect(explainGap('docker', {PATH: bin, CONTAINER_ENGINE: 'none'})).toBe(
      'docker is left out, as CONTAINER_ENGINE=none asks',
    );
    expect(explainGap('podman', {PATH: bin, CONTAINER_ENGINE: 'none', CI: 'true'})).toBe(
      'podman is left out, as CONTAINER_ENGINE=none asks, and CI=true lets nothing be left out: unset one of them',
    );
    expect(existsSync(join(bin, 'asked'))).toBe(false);
    expect(explainGap('git', {PATH: bin, CONTAINER_ENGINE: 'none'})).toContain('git is not installed');
  });
});
