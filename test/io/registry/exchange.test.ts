import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {expect, onTestFinished, test} from 'vitest';
import {exchange} from '../../../pipeline/io/registry/exchange.ts';

test('an answer that trickles is given up at the deadline, and told as none', async () => {
  const server = createServer((_, response) => {
    const timer = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const party = {name: `Registry ${host}`, scheme: 'http', host, source: 'REGISTRY'};
  const request = {method: 'GET', url: new URL(`http://${host}/v2/`), headers: {}, maxBytes: 1_000} as const;
  await expect(
    exchange(party, {...request, deadlineMs: 100}, new AbortController().signal),
  ).rejects.toMatchObject({
    kind: 'engine',
    code: 'REGISTRY_UNREACHABLE',
    message: `Registry ${host} (GET /v2/): it cannot be reached: no answer within 0.1 s.`,
  });
});
