import {describe, expect, test} from 'vitest';
import {formatTraceResponse, readTrace} from '../../../serve/observe/trace.ts';
import {type LocalServer, startLocalServer} from '../../helpers/local-server.ts';

// The example of https://www.w3.org/TR/trace-context/#examples-of-http-traceparent-headers
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const sent = `00-${traceId}-${parentId}-01`;

describe('a traceparent', () => {
  test('is read, and its answer is an operation of the same trace', () => {
    const trace = readTrace(sent);
    expect(trace).toEqual({traceId, parentId, spanId: expect.stringMatching(/^[\da-f]{16}$/), flags: 1});
    expect(trace && formatTraceResponse(trace)).toBe(`00-${traceId}-${trace?.spanId}-01`);
    expect(readTrace(sent)?.spanId).not.toBe(trace?.spanId);
  });

  test('has flags, of which those that the standard does not know are sent back as 0', () => {
    const trace = readTrace(`00-${traceId}-${parentId}-ff`);
    expect(trace && formatTraceResponse(trace)).toMatch(/-03$/);
  });

  test('of a later version may have more behind it', () => {
    expect(readTrace(`cc-${traceId}-${parentId}-01-what-the-future-brings`)?.traceId).toBe(traceId);
  });

  // https://www.w3.org/TR/trace-context/#traceparent-header-field-values
  test.each([
    ['nothing', undefined],
    ['version ff', `ff-${traceId}-${parentId}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${parentId}-01`],
    ['a parent of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['capitals', sent.toUpperCase()],
    ['more in version 00', `${sent}-x`],
    ['more without a dash', `cc-${traceId}-${parentId}-01x`],
    ['two of them', `${sent}, ${sent}`],
    ['less', sent.slice(0, -1)],
  ])('is ignored where it is wrong: %s', (_, traceparent) => {
    expect(readTrace(traceparent)).toBeUndefined();
  });
});

describe.each(['/healthz', '/model'])('a request of %s', path => {
  async function ask(use: (server: LocalServer, response: Response) => void, traceparent?: string) {
    const server = await startLocalServer();
    try {
      const headers = traceparent === undefined ? {} : {traceparent};
      use(server, await fetch(`http://127.0.0.1:${server.port}${path}`, {headers}));
    } finally {
      await server.close();
    }
  }

  test('with a trace is answered and logged with it', async () => {
    await ask(({entries}, {headers}) => {
      const [entry] = entries;
      expect(entry?.trace).toMatchObject({traceId, parentId});
      expect(headers.get('traceresponse')).toBe(`00-${traceId}-${entry?.trace?.spanId}-01`);
    }, sent);
  });

  test('without one is not', async () => {
    await ask(({entries}, {headers}) => {
      expect(entries[0]?.trace).toBeUndefined();
      expect(headers.has('traceresponse')).toBe(false);
    });
  });
});
