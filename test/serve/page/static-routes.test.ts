import {describe, expect, test} from 'vitest';
import type {Reply} from '../../../serve/http/reply.ts';
import {createDocsRoutes} from '../../../serve/page/docs-routes.ts';
import {createPageRoutes} from '../../../serve/page/page-routes.ts';
import {irisArtifact} from '../../helpers/server-artifact.ts';
import {createTestApp} from '../../helpers/test-app.ts';

const artifact = irisArtifact();
const routes = [...createPageRoutes(artifact, {hasCard: true}), ...createDocsRoutes(artifact)];
const paths = ['/', '/page.js', '/page.css', '/docs', '/docs.js', '/docs.css'];

describe('what browsers get', () => {
  test.each([
    ['/', 'text/html; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
    ['/docs', 'text/html; charset=utf-8'],
    ['/docs.js', 'text/javascript; charset=utf-8'],
    ['/docs.css', 'text/css; charset=utf-8'],
  ])('at %s is %s, under a policy that lets nothing in from elsewhere', async (path, type) => {
    const response = await createTestApp(artifact).app.request(path);
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
  });

  test('is made when it is first asked for, and then kept', () => {
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
    const first = ask();
    const madeOnce = made;
    expect(madeOnce).toBeGreaterThan(0);
    expect(ask()).toEqual(first);
    expect(made).toBe(madeOnce);
  });

  test('has at most 40 KiB besides the page of a model', () => {
    const sizes = routes.map(({handler}) =>
      Buffer.byteLength((handler(new Request('http://h/')) as Reply).body as string),
    );
    expect(routes.map(({path}) => path)).toEqual(paths);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(40 * 1024);
  });
});
