import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll} from 'vitest';

/** A temporary folder that is removed when the test file is done. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'csv-to-server-'));
  afterAll(() => rmSync(folder, {recursive: true, force: true}));
  return folder;
}
