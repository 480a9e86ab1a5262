import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {delimiter} from 'node:path';
import {runInNewContext} from 'node:vm';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {sealArtifact} from '../../serve/artifact/artifact.ts';
import {planeContent} from '../helpers/server-artifact.ts';
import {bundleServer, type ServerBundle} from '../helpers/server-process.ts';

const check = readFileSync(new URL('../../serve/check-node.js', import.meta.url), 'utf8');
const describeLack = (version: string) =>
  `This server needs Node.js 24 or later, and ${version} has started it: start it with a newer node (https://nodejs.org), or run its image.\n`;

/** What the check writes and exits with on a Node of this version. */
function checkVersion(version: string): {written: string[]; codes: number[]} {
  const written: string[] = [];
  const codes: number[] = [];
  runInNewContext(check, {
    process: {
      version: `v${version}`,
      versions: {node: version},
      stderr: {write: (text: string) => written.push(text)},
      exit: (code: number) => codes.push(code),
    },
    Number,
  });
  return {written, codes};
}

/** The machine's own node, if it is older than the one that runs the tests. */
function findOlderNode(): string | undefined {
  const PATH = process.env.PATH?.split(delimiter)
    .filter(folder => !folder.includes('node_modules'))
    .join(delimiter);
  const {stdout} = spawnSync('/usr/bin/env', ['node', '--print', '[process.execPath, process.version]'], {
    env: {PATH},
    encoding: 'utf8',
  });
  const [, path, major] = /'(.+)', 'v(\d+)\./.exec(stdout ?? '') ?? [];
  return Number(major) < 24 ? path : undefined;
}

describe('a server that an older Node starts', () => {
  const olderNode = findOlderNode();
  let bundle: ServerBundle;
  beforeAll(async () => {
    bundle = await bundleServer(sealArtifact(planeContent()).text);
  });
  afterAll(() => bundle.remove());

  test.each(['14.21.3', '20.20.2', '23.11.1'])('says in one sentence that %s is too old', version => {
    expect(checkVersion(version)).toEqual({written: [describeLack(`v${version}`)], codes: [2]});
  });

  test.each(['24.0.0', '100.1.0'])('is content with %s', version => {
    expect(checkVersion(version)).toEqual({written: [], codes: []});
  });

  test('checks that before anything else', () => {
    const source = readFileSync(bundle.file, 'utf8');
    const first = source.split('\n').find(line => line !== '' && !line.startsWith('//'));
    expect(first).toBe('if (Number.parseInt(process.versions.node, 10) < 24) {');
  });

  test.skipIf(olderNode === undefined)('says so on the older node of this machine', () => {
    const {status, stdout, stderr} = spawnSync(olderNode ?? '', [bundle.file], {encoding: 'utf8'});
    expect({status, stdout}).toEqual({status: 2, stdout: ''});
    expect(stderr).toMatch(
      /^This server needs Node\.js 24 or later, and v\d+\.\d+\.\d+ has started it: .*\n$/,
    );
  });
});
