import {gzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {createDocsRoutes} from '../../../serve/page/docs-routes.ts';
import {createPageRoutes} from '../../../serve/page/page-routes.ts';
import {irisArtifact} from '../../helpers/server-artifact.ts';
import {createTestApp, readDocsFile} from '../../helpers/test-app.ts';

const artifact = irisArtifact();

async function load(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return createTestApp(artifact).app.request(path, {headers});
}

describe('what browsers get', () => {
  test.each([
    ['/', 'text/html; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
    ['/docs', 'text/html; charset=utf-8'],
    ['/docs.js', 'text/javascript; charset=utf-8'],
    ['/docs.css', 'text/css; charset=utf-8'],
    ['/docs/swagger-ui.css', 'text/css; charset=utf-8'],
    ['/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ])('at %s is %s, under a policy that lets nothing in from elsewhere', async (path, type) => {
    const response = await load(path);
    expect(response.status).toBe(200);
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'content-type': type,
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-model-version': artifact.version,
    });
    const etag = headers.etag ?? '';
    const again = await load(path, {'if-none-match': `"other", ${etag}`});
    expect(again.status).toBe(304);
    expect(again.headers.get('etag')).toBe(etag);
    expect(await again.text()).toBe('');
    expect((await load(path, {'if-none-match': '"other"'})).status).toBe(200);
  });

  test('is made when it is first asked for, and then kept', async () => {
    // how often the page looked at the features
    let made = 0;
    const counted = {
      ...artifact,
      get features() {
        made++;
        return artifact.features;
      },
    };
    const [page] = createPageRoutes(counted, {hasCard: true});
    expect(made).toBe(0);
    const ask = () => page?.handler(new Request('http://h/'));
    const first = await ask();
    const madeOnce = made;
    expect(madeOnce).toBeGreaterThan(0);
    expect(await ask()).toEqual(first);
    expect(made).toBe(madeOnce);
  });

  test('has at most 20 KiB, besides the page of a model and what Swagger UI brings', async () => {
    const paths = ['/', '/page.js', '/page.css', '/docs', '/docs.js', '/docs.css'];
    const sizes = await Promise.all(
      paths.map(async path => (await (await load(path)).arrayBuffer()).byteLength),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(20 * 1024);
  });
});

describe('the documentation', () => {
  test('is drawn by files that leave room in a layer of 2 MiB, or 0.7 MiB packed', async () => {
    const files = await Promise.all(['swagger-ui.css', 'swagger-ui-bundle.js'].map(readDocsFile));
    const all = Buffer.concat(files.map(file => file ?? Buffer.alloc(0)));
    expect(all.length).toBeLessThan(1.7 * 2 ** 20);
    expect(gzipSync(all).length).toBeLessThan(0.5 * 2 ** 20);
  });

  test('reads its files when they are first asked for, and once', async () => {
    const read: string[] = [];
    const routes = createDocsRoutes(artifact, async name => {
      read.push(name);
      return new Uint8Array([1]);
    });
    const style = routes.find(({path}) => path === '/docs/swagger-ui.css');
    expect(read).toEqual([]);
    for (let i = 0; i < 2; i++) await style?.handler(new Request('http://h/'));
    expect(read).toEqual(['swagger-ui.css']);
  });

  test('says what is missing where its files did not come with the server, and is there once they are', async () => {
    let isThere = false;
    const readFile = async (name: string) =>
      isThere || name === 'swagger-ui.css' ? readDocsFile(name) : undefined;
    const {app, post} = createTestApp(artifact, {readFile});
    for (const path of ['/docs', '/docs/swagger-ui-bundle.js']) {
      const response = await app.request(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        error: {
          code: 'not_found',
          message:
            'The documentation needs swagger-ui.css and swagger-ui-bundle.js beside server.mjs. Copy them there from the npm package swagger-ui-dist, or read GET /openapi.json.',
          fields: [],
        },
      });
    }
    expect((await post('/predict', {features: [[5.1, 3.5, 0.2]]})).status).toBe(200);
    isThere = true;
    expect((await app.request('/docs')).status).toBe(200);
  });

  test('reports that a file cannot be read, and does not take it for missing', async () => {
    const denied = new Error('EACCES: permission denied');
    const {app, errors} = createTestApp(artifact, {readFile: () => Promise.reject(denied)});
    expect((await app.request('/docs')).status).toBe(500);
    expect(errors).toEqual([denied]);
  });
});
