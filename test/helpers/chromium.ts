import {spawnSync} from 'node:child_process';

const search =
  'for name in "$CHROMIUM_PATH" chromium chromium-browser google-chrome; do command -v "$name" && exit; done';

/** Path of this machine's Chromium; the environment variable CHROMIUM_PATH names another. */
export function findChromium(): string | undefined {
  return spawnSync('sh', ['-c', search], {encoding: 'utf8'}).stdout.trim() || undefined;
}
