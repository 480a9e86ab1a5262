import {expect, test} from 'vitest';
import {planeArtifact} from '../../helpers/server-artifact.ts';
import {createTestApp} from '../../helpers/test-app.ts';

test.each(['/model', '/model/card', '/openapi.json'])(
  '%s has an ETag, and is told of who has it',
  async path => {
    const {app} = createTestApp(planeArtifact());
    const first = await app.request(path);
    expect(first.status).toBe(200);
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"[\w-]{16}"$/);
    // RFC 9110, 13.1.2: compared weakly
    for (const held of [etag, etag.slice(2), `"x", ${etag}`, '*']) {
      const again = await app.request(path, {headers: {'if-none-match': held}});
      expect(again.status, held).toBe(304);
      expect(again.headers.get('etag')).toBe(etag);
      expect(await again.text()).toBe('');
    }
    const other = await app.request(path, {headers: {'if-none-match': '"x"'}});
    expect(await other.text()).toBe(await first.text());
  },
);

test('another model has another ETag', async () => {
  const read = async (artifact = planeArtifact()) =>
    (await createTestApp(artifact).app.request('/model')).headers.get('etag');
  expect(await read()).toBe(await read());
  expect(await read({...planeArtifact(), name: 'other'})).not.toBe(await read());
});
