import {createHash} from 'node:crypto';
import {gzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import type {Credentials} from '../../../pipeline/io/registry/address.ts';
import {openRepository, type Repository} from '../../../pipeline/io/registry/registry.ts';
import {type Answer, type Asked, startAnsweringServer} from '../../helpers/answering-server.ts';
import {failureText} from '../../helpers/failure-text.ts';

const hash = (bytes: string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const config = {mediaType: 'application/vnd.oci.image.config.v1+json', digest: hash('{}'), size: 2};
const manifest = JSON.stringify({schemaVersion: 2, config, layers: []});
const html = {
  headers: {'content-type': 'text/html; charset=utf-8', server: 'nginx/1.27.0'},
  body: '<!DOCTYPE html><title>Not here</title>',
};
const errors = (code: string, message?: string): Answer => ({
  status: 404,
  body: JSON.stringify({errors: [{code, message}]}),
});

/** A repository of a registry that answers as it is told to; the version check is always fine. */
async function openLyingRepository(
  answer: (asked: Asked) => Answer,
  credentials: Credentials | null = null,
): Promise<{repository: Repository; host: string; requests: string[]; sentBytes: () => Promise<number>}> {
  const server = await startAnsweringServer(answer);
  const address = {scheme: 'http', host: server.host, path: 'team'} as const;
  const repository = openRepository(address, 'iris', credentials, new AbortController().signal);
  return {...server, repository};
}

describe('a tag that is not there', () => {
  test.each(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN'])('is what the registry itself calls %s', async code => {
    const {repository} = await openLyingRepository(() => errors(code, 'unknown'));
    expect(await repository.getManifest('production')).toBeUndefined();
    expect(await repository.listTags()).toEqual([]);
  });

  test('is not the 404 of a web server in between', async () => {
    const {repository, host} = await openLyingRepository(() => ({...html, status: 404}));
    expect(await failureText(repository.getManifest('production'), {HOST: host})).toMatchInlineSnapshot(`
      "engine REGISTRY_ERROR
      Registry HOST (GET /v2/team/iris/manifests/production): expected a manifest or the registry's own MANIFEST_UNKNOWN or NAME_UNKNOWN, got 404 with text/html; charset=utf-8 from "nginx/1.27.0".
      Fix: Something between here and the registry may answer in its place: correct REGISTRY or the proxy. Nothing was promoted."
    `);
    expect(await failureText(repository.listTags(), {HOST: host})).toMatchInlineSnapshot(`
      "engine REGISTRY_ERROR
      Registry HOST (GET /v2/team/iris/tags/list?n=500): expected a list of tags, got 404 with text/html; charset=utf-8 from "nginx/1.27.0".
      Fix: Something between here and the registry may answer in its place: correct REGISTRY or the proxy. Nothing was promoted."
    `);
  });

  test.each([
    ['another code', errors('NOT_FOUND', 'artifact team/iris:production not found')],
    [
      'two codes, one of another kind',
      {
        status: 404,
        body: '{"errors":[{"code":"MANIFEST_UNKNOWN"},{"code":"UNAUTHORIZED"}]}',
      },
    ],
    ['no code', {status: 404, body: '{"errors":[]}'}],
    ['other JSON', {status: 404, body: '{"error":"MANIFEST_UNKNOWN"}'}],
    ['nothing', {status: 404}],
    ['another status', {status: 410, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}'}],
    ['too much', {status: 404, body: `{"errors":[{"code":"MANIFEST_UNKNOWN"}],"x":"${' '.repeat(70_000)}"}`}],
  ])('is not a 404 with %s', async (_, answer) => {
    const {repository, host} = await openLyingRepository(() => answer);
    for (const asked of [repository.getManifest('production'), repository.listTags()]) {
      await expect(asked).rejects.toMatchObject({
        kind: 'engine',
        message: expect.stringContaining(`Registry ${host} (GET /v2/team/iris/`),
      });
    }
  });

  test('is never the answer to whether the registry is there', async () => {
    const {repository} = await openLyingRepository(() => errors('MANIFEST_UNKNOWN'));
    await expect(repository.ping()).rejects.toThrow(/expected success, got 404 MANIFEST_UNKNOWN/);
  });
});

describe('an answer that is none', () => {
  test.each([
    ['HTML for a manifest', html, (repository: Repository) => repository.getManifest('production')],
    ['HTML for a tag list', html, (repository: Repository) => repository.listTags()],
    [
      'other JSON for a manifest',
      {body: '{"status":"ok"}'},
      (repository: Repository) => repository.getManifest('x'),
    ],
    ['other JSON for a tag list', {body: '{"tags":[1]}'}, (repository: Repository) => repository.listTags()],
    [
      'a tag that leads elsewhere',
      {body: '{"tags":["../../_catalog"]}'},
      (repository: Repository) => repository.listTags(),
    ],
    [
      'something that is not HTTP',
      {headers: {'content-length': '5'}, body: 'much more than five bytes'},
      (repository: Repository) => repository.getManifest('x'),
    ],
  ])('is told as that: %s', async (_, answer, ask) => {
    const {repository, host} = await openLyingRepository(() => answer);
    await expect(ask(repository)).rejects.toMatchObject({
      kind: 'engine',
      message: expect.stringContaining(`Registry ${host} (GET /v2/team/iris/`),
    });
  });

  test('names what was expected, what came and from whom', async () => {
    const {repository, host} = await openLyingRepository(() => html);
    expect(await failureText(repository.getManifest('production'), {HOST: host})).toMatchInlineSnapshot(`
      "engine REGISTRY_ANSWER
      Registry HOST (GET /v2/team/iris/manifests/production): expected a manifest, got 200 with text/html; charset=utf-8 from "nginx/1.27.0".
      Fix: Something else answers there, or the registry is broken: correct REGISTRY, or look at the registry's own log. Nothing was promoted."
    `);
    expect(await failureText(repository.listTags(), {HOST: host})).toMatchInlineSnapshot(`
      "engine REGISTRY_ANSWER
      Registry HOST (GET /v2/team/iris/tags/list?n=500): expected a list of tags, got 200 with text/html; charset=utf-8 from "nginx/1.27.0".
      Fix: Something else answers there, or the registry is broken: correct REGISTRY, or look at the registry's own log. Nothing was promoted."
    `);
  });

  test('quotes what a registry says without what would move a terminal', async () => {
    const {repository} = await openLyingRepository(() => ({
      status: 501,
      body: JSON.stringify({errors: [{code: 'UNKNOWN', message: `\u001b[2Jgone\r\n${'x'.repeat(5000)}`}]}),
    }));
    const error = await repository.ping().catch(reason => reason);
    expect(error.message).toMatch(/got 501 UNKNOWN \(\[2Jgone x{100,400}…\)\.$/);
  });
});

describe('an answer that has no end', () => {
  const mebibyte = 2 ** 20;
  test.each([
    ['a manifest', 4, (repository: Repository) => repository.getManifest('production')],
    ['a list of tags', 16, (repository: Repository) => repository.listTags()],
    ['a blob', 3, (repository: Repository) => repository.getBlob(hash('{}'), 3 * mebibyte)],
  ])('is not read further than %s may be', async (_, limitMiB, ask) => {
    const {repository, host, sentBytes} = await openLyingRepository(() => ({body: 'endless'}));
    await expect(ask(repository)).rejects.toMatchObject({
      kind: 'engine',
      message: expect.stringMatching(
        `^Registry ${host} \\(GET /v2/team/iris/.*expected at most ${limitMiB * mebibyte} bytes with status 200, got more`,
      ),
    });
    // what was sent beyond the limit is what the two sockets hold
    expect(await sentBytes()).toBeGreaterThan(limitMiB * mebibyte);
    expect(await sentBytes()).toBeLessThan((limitMiB + 12) * mebibyte);
  });

  test.each([404, 401, 501])('is not read further than 64 KiB with status %i', async status => {
    const {repository, sentBytes} = await openLyingRepository(() => ({status, body: 'endless'}));
    await expect(repository.getManifest('production')).rejects.toMatchObject({
      kind: 'engine',
      message: expect.stringContaining(`${status}`),
    });
    expect(await sentBytes()).toBeLessThan(12 * mebibyte);
  });

  test('is refused before it is read where it says how long it is', async () => {
    const {repository, sentBytes} = await openLyingRepository(() => ({
      headers: {'content-length': '800000000'},
      body: 'endless',
    }));
    const blob = repository.getBlob(hash('{}'), 64 * mebibyte);
    await expect(blob).rejects.toMatchObject({kind: 'engine'});
    // what the two sockets hold, far below the limit: it was not read up to there
    expect(await sentBytes()).toBeLessThan(16 * mebibyte);
  });

  test('is not unpacked to more than it is', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * mebibyte, ' '));
    const {repository} = await openLyingRepository(() => ({
      headers: {'content-encoding': 'gzip'},
      body: bomb,
    }));
    const before = process.memoryUsage().rss;
    await expect(repository.getManifest('production')).rejects.toMatchObject({kind: 'engine'});
    expect(process.memoryUsage().rss - before).toBeLessThan(40 * mebibyte);
  });
});

describe('a list of tags', () => {
  /** Pages of a list, each with the Link header that comes with it. */
  const openPages = (page: (query: URLSearchParams, host: string) => {tags: string[]; link?: string}) =>
    openLyingRepository(({path, host}) => {
      const {tags, link} = page(new URL(path, 'http://x').searchParams, host);
      return {headers: link === undefined ? {} : {link}, body: JSON.stringify({name: 'team/iris', tags})};
    });

  test('is read page by page, whatever form the links have', async () => {
    const links = (host: string): Record<string, string> => ({
      '': '</v2/team/iris/tags/list?last=a&n=500>; rel="next"',
      a: `<http://${host}/v2/team/iris/tags/list?last=b%2Cc&n=500>;title="a, b";rel=next`,
      'b,c': '<?last=d>; rel="prev next"',
    });
    const {repository, requests} = await openPages((query, host) => {
      const last = query.get('last') ?? '';
      const link = links(host)[last];
      return {tags: [`after-${last.length}`, 'twice'], ...(link === undefined ? {} : {link})};
    });
    expect(await repository.listTags()).toEqual(['after-0', 'twice', 'after-1', 'after-3']);
    expect(requests).toHaveLength(4);
  });

  test.each([
    ['to itself', () => '</v2/team/iris/tags/list?n=500>; rel="next"', 'leads back to a page'],
    [
      'to another host',
      () => '<http://169.254.169.254/latest/meta-data>; rel="next"',
      'leads to another place',
    ],
    ['to another place', () => '</v2/other/tags/list>; rel="next"', 'leads to another place'],
    ['nowhere', () => 'next', 'is no Link header'],
  ])('is refused where it leads %s', async (_, link, expected) => {
    const {repository, host, requests} = await openPages(() => ({tags: ['a'], link: link()}));
    await expect(repository.listTags()).rejects.toMatchObject({
      kind: 'engine',
      message: expect.stringContaining(expected),
    });
    await expect(repository.listTags()).rejects.toThrow(`Registry ${host} (GET /v2/team/iris/tags/list`);
    expect(requests).toHaveLength(2);
  });

  test('is refused where two pages lead to each other', async () => {
    const {repository, requests} = await openPages(query => ({
      tags: ['a'],
      link: `</v2/team/iris/tags/list?last=${query.get('last') === 'a' ? 'b' : 'a'}>; rel="next"`,
    }));
    await expect(repository.listTags()).rejects.toThrow('leads back to a page');
    expect(requests).toHaveLength(3);
  });

  test('is refused where there is always one more page', async () => {
    let page = 0;
    const {repository, requests} = await openPages(() => ({
      tags: [`tag-${++page}`],
      link: `</v2/team/iris/tags/list?last=${page}>; rel="next"`,
    }));
    await expect(repository.listTags()).rejects.toThrow('got more than 1000 pages');
    expect(requests).toHaveLength(1000);
  });

  test('says which page it was', async () => {
    const {repository, host} = await openPages(() => ({
      tags: ['a'],
      link: '<https://example.org/v2/team/iris/tags/list>; rel="next"',
    }));
    expect(await failureText(repository.listTags(), {HOST: host})).toMatchInlineSnapshot(`
      "engine REGISTRY_ANSWER
      Registry HOST (GET /v2/team/iris/tags/list?n=500): expected a link to the next page of tags, got one that leads to another place, http://example.org/v2/team/iris/tags/list.
      Fix: Something else answers there, or the registry is broken: correct REGISTRY, or look at the registry's own log. Nothing was promoted."
    `);
  });
});

describe('bytes with a digest', () => {
  const other = `sha256:${'0'.repeat(64)}`;

  test('are refused where a manifest is not what its digest says', async () => {
    const {repository, host} = await openLyingRepository(() => ({
      headers: {'docker-content-digest': other},
      body: manifest,
    }));
    const told = `Registry ${host} (GET /v2/team/iris/manifests/production): the manifest has digest ${hash(manifest)}, expected ${other}.`;
    await expect(repository.getManifest('production')).rejects.toThrow(told);
    await expect(repository.getManifest(other)).rejects.toMatchObject({code: 'REGISTRY_CORRUPT'});
  });

  test('are refused where a blob is not what its digest says, or is not there', async () => {
    const {repository, host} = await openLyingRepository(() => ({body: '{"x":1}'}));
    expect(await failureText(repository.getBlob(hash('{}'), 100), {HOST: host})).toMatchInlineSnapshot(`
      "engine REGISTRY_CORRUPT
      Registry HOST (GET /v2/team/iris/blobs/sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a): the blob has digest sha256:5041bf1f713df204784353e82f6a4a535931cb64f1f4b4a5aeaffcb720918b22, though a manifest names it.
      Fix: Push that release again, or roll back to one that is whole: npm run history."
    `);
    const empty = await openLyingRepository(() => errors('BLOB_UNKNOWN', 'blob unknown to registry'));
    expect(
      await failureText(empty.repository.getBlob(hash('{}'), 100), {HOST: empty.host}),
    ).toMatchInlineSnapshot(`
      "engine REGISTRY_CORRUPT
      Registry HOST (GET /v2/team/iris/blobs/sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a): the blob is not there, though a manifest names it.
      Fix: Push that release again, or roll back to one that is whole: npm run history."
    `);
    const proxied = await openLyingRepository(() => ({...html, status: 404}));
    await expect(proxied.repository.getBlob(hash('{}'), 100)).rejects.toMatchObject({code: 'REGISTRY_ERROR'});
  });
});

describe('a manifest', () => {
  test('is put under a tag with the type that it was read with', async () => {
    const {repository, requests} = await openLyingRepository(({method, contentType}) =>
      method === 'PUT'
        ? {status: contentType === mediaType ? 201 : 415}
        : {headers: {'content-type': mediaType}, body: manifest},
    );
    const found = await repository.getManifest('production');
    expect(found).toMatchObject({digest: hash(manifest), mediaType, content: {kind: 'image', config}});
    if (found === undefined) throw new Error('no manifest');
    await repository.putManifest('next', found, {overwrites: false});
    expect(requests.at(-1)).toBe('PUT /v2/team/iris/manifests/next');
  });

  test.each([
    [403, 'DENIED', 'requested access to the resource is denied'],
    [
      400,
      'TAG_INVALID',
      "The image tag 'production' already exists and cannot be overwritten because the repository is immutable.",
    ],
    [412, 'PRECONDITION', 'Failed to process request due to "iris:production" configured as immutable.'],
    [409, 'TAG_IMMUTABLE', 'tag is immutable and cannot be overwritten'],
  ])(
    'that an immutable tag is not given (%i) says that the channel must be mutable',
    async (status, code, message) => {
      const {repository, host} = await openLyingRepository(({method}) =>
        method === 'PUT'
          ? {status, body: JSON.stringify({errors: [{code, message}]})}
          : {headers: {'content-type': mediaType}, body: manifest},
      );
      const found = await repository.getManifest('production');
      if (found === undefined) throw new Error('no manifest');
      const told = await failureText(repository.putManifest('production', found, {overwrites: true}), {
        HOST: host,
      });
      expect(told).toBe(
        `engine CHANNEL_IMMUTABLE\nRegistry HOST (PUT /v2/team/iris/manifests/production): it does not let the tag production be moved: ${status} ${code} (${message}).\nFix: CHANNEL must be a mutable tag: take "production" out of the registry's rule of immutable tags, or name another one with CHANNEL=NAME. Without such a rule, check that the account may push.`,
      );
    },
  );

  test('that is refused for a tag that is new is told as a refused login', async () => {
    const {repository} = await openLyingRepository(({method}) =>
      method === 'PUT' ? {status: 403, body: '{"errors":[{"code":"DENIED"}]}'} : {body: manifest},
    );
    const found = await repository.getManifest('production');
    if (found === undefined) throw new Error('no manifest');
    await expect(repository.putManifest('next', found, {overwrites: false})).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
    });
  });
});
