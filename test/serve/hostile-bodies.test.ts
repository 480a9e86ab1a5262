import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type BoundedServer, boundedModel, type Cost, startBoundedServer} from '../helpers/bounded-server.ts';
import {hostileBodies, hostileParts} from '../helpers/hostile-bodies.ts';
import {largeBatches} from '../helpers/large-batches.ts';
import {createTestApp} from '../helpers/test-app.ts';

const isThorough = process.env.CI === 'true';
const {app} = createTestApp(boundedModel.artifact, {vertex: {predictRoute: '/vertex/predict'}});
const routes = app.routes.flatMap(({method, path}) => (method === 'POST' ? [path] : []));

let server: BoundedServer;

beforeAll(async () => {
  server = await startBoundedServer();
}, 60_000);
afterAll(() => server?.stop());

/** Sends one body three times at once. */
function sendThrice(path: string, type: string, body: Buffer): Promise<Cost> {
  const headers = {'content-type': type, 'content-length': String(body.length)};
  return server.measure(Array.from({length: 3}, () => ({path, method: 'POST', headers, body})));
}

function checkCost({holdMs, peakMiB}: Cost): void {
  expect(holdMs).toBeLessThan(100);
  expect(peakMiB).toBeLessThan(256);
}

/** Whether a request was refused, or its lines one by one. */
function isRefused({status, head}: Cost['answers'][number]): boolean {
  return (status >= 400 && status < 500) || status === 503 || (status === 200 && /^(\{"error"|$)/.test(head));
}

describe('a hostile body, three times at once', () => {
  // Each is sent to one route at least, and to all of them where there is time.
  const cases = hostileBodies.flatMap((body, i) =>
    routes.filter((_, k) => isThorough || k === i % routes.length).map(path => ({...body, path})),
  );
  test.each(cases)('is refused at a bounded cost: $name to $path', async ({path, type, make}) => {
    const cost = await sendThrice(path, type, Buffer.from(make()));
    for (const answer of cost.answers) expect(answer).toSatisfy(isRefused);
    checkCost(cost);
  });

  test('is refused at a bounded cost, whatever it is made of', {timeout: 300_000}, async () => {
    const body = fc.record({
      path: fc.constantFrom(...routes),
      type: fc.constantFrom('application/json', 'text/csv', 'application/x-ndjson'),
      start: fc.constantFrom('', ...hostileParts.starts),
      parts: fc.array(fc.constantFrom(...hostileParts.fillings), {minLength: 1, maxLength: 4}),
      end: fc.constantFrom('', ...hostileParts.starts),
      bytes: fc.integer({min: 100_000, max: 10_000_000}),
    });
    const property = fc.asyncProperty(body, async ({path, type, start, parts, end, bytes}) => {
      const part = parts.join('');
      // A line that is answered costs what it should, and there may be any number.
      const length = type === 'application/x-ndjson' && part.includes('\n') ? bytes / 20 : bytes;
      const text = start + part.repeat(Math.ceil(length / part.length)) + end;
      const cost = await sendThrice(path, type, Buffer.from(text).subarray(0, 10_400_000));
      for (const {status} of cost.answers) expect(status).toSatisfy(code => code === 200 || code >= 400);
      for (const {status} of cost.answers) expect([500, 501, 502]).not.toContain(status);
      checkCost(cost);
    });
    await fc.assert(property, {numRuns: isThorough ? 300 : 20});
  });
});

describe('the largest batch, three times at once', () => {
  test.each(largeBatches)('is answered and lets others in between: $name', async ({path, headers, make}) => {
    const sent = {path, method: 'POST', headers, body: make()};
    const cost = await server.measure([sent, sent, sent]);
    expect(cost.answers.map(({status}) => status)).toEqual([200, 200, 200]);
    checkCost(cost);
  });
});
