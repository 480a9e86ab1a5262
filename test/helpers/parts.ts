import {spawnSync} from 'node:child_process';
import {test} from 'vitest';
import {findChromium} from './chromium.ts';

const answers = (command: string, ...args: string[]) =>
  spawnSync(command, args, {timeout: 30_000}).status === 0;

/** Real parts that tests run against, and how to tell whether this machine has them. */
const parts = {
  docker: () => answers('docker', 'info'),
  podman: () => answers('podman', 'info'),
  registry: () => answers('docker-registry', '--version'),
  htpasswd: () => spawnSync('htpasswd', ['-nbB', 'a', 'b']).status === 0,
  openssl: () => answers('openssl', 'version'),
  task: () => answers('task', '--version'),
  git: () => answers('git', '--version'),
  curl: () => answers('curl', '--version'),
  /** util-linux's, which has pseudo-terminals. */
  script: () => answers('script', '--version'),
  chromium: () => findChromium() !== undefined,
};
export type Part = keyof typeof parts;

const found = new Map<Part, boolean>();

/**
 * `test` for what needs real parts. Where one is missing the test is skipped and its name says why; under
 * CI=true a missing part is a failure.
 */
export function testWith(...needed: Part[]): typeof test | typeof test.skip {
  const missing = needed.filter(part => {
    const isThere = found.get(part) ?? parts[part]();
    if (!isThere && !found.has(part)) {
      process.stderr.write(`Tests that need ${part} cannot run: this machine does not have it running.\n`);
    }
    found.set(part, isThere);
    return !isThere;
  });
  if (missing.length === 0) return test;
  const reason = `needs ${missing.join(' and ')}, which this machine does not have running`;
  const isFailure = process.env.CI === 'true';
  return ((name: string) =>
    isFailure
      ? test(name, () => {
          throw new Error(reason);
        })
      : test.skip(`${name} (${reason})`, () => {})) as typeof test;
}
