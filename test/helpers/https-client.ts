import {readFileSync} from 'node:fs';
import type {IncomingHttpHeaders} from 'node:http';
import {type RequestOptions, request} from 'node:https';
import type {TLSSocket} from 'node:tls';
import {certificatePath} from './certificates.ts';

export type HttpsAnswer = {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The name of the certificate that the server has shown. */
  name: string;
};

const deadlineMs = 10_000;

/** Sends a request over a TLS connection of its own, to a server that the CA of the tests must vouch for. */
export function askHttps(
  port: number,
  path: string,
  {body, ...options}: RequestOptions & {body?: string} = {},
): Promise<HttpsAnswer> {
  const ca = readFileSync(certificatePath('ca'));
  const signal = AbortSignal.timeout(deadlineMs);
  return new Promise((resolve, reject) => {
    const asked = request({host: '127.0.0.1', port, path, ca, agent: false, signal, ...options}, answer => {
      const name = String((answer.socket as TLSSocket).getPeerCertificate().subject.CN);
      let text = '';
      answer.setEncoding('utf8').on('data', chunk => {
        text += chunk;
      });
      answer.once('error', reject).once('end', () => {
        resolve({status: answer.statusCode ?? 0, headers: answer.headers, text, name});
      });
    });
    asked.once('error', reject).end(body);
  });
}
