import {expect, test} from 'vitest';
import {readAccessConfig} from '../../../serve/access/access-config.ts';

function problemsOf(env: Record<string, string>): string[] {
  const problems: string[] = [];
  readAccessConfig(env, problems);
  return problems;
}

test.each([
  ['none', []],
  ['page', ['page']],
  ['metrics', ['metrics']],
  ['metrics,page', ['page', 'metrics']],
])('opens by OPEN_ROUTES=%s', (text, open) => {
  expect(readAccessConfig({OPEN_ROUTES: text}, []).open).toEqual(open);
});

test.each(['all', 'page,none', '/metrics'])('refuses OPEN_ROUTES=%s', text => {
  expect(problemsOf({OPEN_ROUTES: text})).toEqual([
    `OPEN_ROUTES: expected none, or a list of page and metrics with commas, found "${text}". Set OPEN_ROUTES=page, or leave it out.`,
  ]);
});

test.each(['https://app.example.com', 'http://localhost:3000', 'https://[::1]:8443'])(
  'takes the origin %s',
  origin => {
    expect(readAccessConfig({CORS_ORIGINS: origin}, []).corsOrigins).toEqual([origin]);
  },
);

// browsers never send these, so a server that took them would let nobody in, and say nothing
test.each([
  '*',
  'null',
  'app.example.com',
  'https://app.example.com/',
  'https://App.example.com',
  'https://app.example.com:443',
  'https://*.example.com',
  'https://user@app.example.com',
  'ftp://app.example.com',
  'file://',
])('refuses the origin %s', origin => {
  expect(problemsOf({CORS_ORIGINS: `https://fine.example.com,${origin}`})).toEqual([
    `CORS_ORIGINS: expected origins with commas between them, each a scheme and a host in lower case and a port where it is not the usual one, found "${origin}". Set CORS_ORIGINS=https://app.example.com, or leave it out.`,
  ]);
});

test.each([
  [{TLS_CERT_FILE: 'c'}, 'TLS_KEY_FILE', 'TLS_CERT_FILE'],
  [{TLS_KEY_FILE: 'k'}, 'TLS_CERT_FILE', 'TLS_KEY_FILE'],
  [{TLS_CLIENT_CA_FILE: 'a'}, 'TLS_CERT_FILE and TLS_KEY_FILE', 'TLS_CLIENT_CA_FILE'],
  [{TLS_CERT_FILE: 'c', TLS_CLIENT_CA_FILE: 'a'}, 'TLS_KEY_FILE', 'TLS_CERT_FILE and TLS_CLIENT_CA_FILE'],
])('refuses %j alone', (env, lacking, given) => {
  expect(problemsOf(env)).toEqual([
    `${lacking}: expected the path of a PEM file beside ${given}, found nothing. Set ${lacking}, or leave ${given} out to serve plain HTTP.`,
  ]);
});
