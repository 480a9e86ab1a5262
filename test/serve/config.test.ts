import {describe, expect, test} from 'vitest';
import {ConfigError, parseConfig} from '../../serve/config.ts';

const defaults = {
  host: '127.0.0.1',
  port: 8000,
  modelPath: '/app/model.json',
  logLevel: 'info',
  maxBodyBytes: 10_485_760,
  maxRows: 100_000,
  maxConnections: 2_000,
  maxInFlight: 1_000,
  maxBufferedBytes: 67_108_864,
  vertex: {healthRoute: undefined, predictRoute: undefined},
  access: {apiKeyFile: undefined, open: ['page'], tls: undefined, corsOrigins: []},
};

function messageFor(env: Record<string, string>): string {
  try {
    parseConfig(env, '/app/model.json');
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('parseConfig', () => {
  test('has a default for everything', () => {
    expect(parseConfig({}, '/app/model.json')).toEqual(defaults);
  });

  test('counts an empty variable as not set', () => {
    const env = {
      HOST: '',
      PORT: '',
      MODEL_PATH: '',
      LOG_LEVEL: '',
      MAX_BODY_BYTES: '',
      MAX_ROWS: '',
      MAX_CONNECTIONS: '',
      MAX_IN_FLIGHT: '',
      MAX_BUFFERED_BYTES: '',
      AIP_HTTP_PORT: '',
      AIP_HEALTH_ROUTE: '',
      AIP_PREDICT_ROUTE: '',
      API_KEY_FILE: '',
      OPEN_ROUTES: '',
      TLS_CERT_FILE: '',
      TLS_KEY_FILE: '',
      TLS_CLIENT_CA_FILE: '',
      CORS_ORIGINS: '',
    };
    expect(parseConfig(env, '/app/model.json')).toEqual(defaults);
  });

  test('reads every variable', () => {
    const env = {
      HOST: '0.0.0.0',
      PORT: '9000',
      MODEL_PATH: '/other.json',
      LOG_LEVEL: 'silent',
      MAX_BODY_BYTES: '1',
      MAX_ROWS: '7',
      MAX_CONNECTIONS: '3',
      MAX_IN_FLIGHT: '2',
      MAX_BUFFERED_BYTES: '5',
      AIP_HEALTH_ROUTE: '/ping',
      AIP_PREDICT_ROUTE: '/v1/endpoints/12/deployedModels/34:predict',
      API_KEY_FILE: '/run/keys',
      OPEN_ROUTES: 'metrics, page',
      TLS_CERT_FILE: '/tls/tls.crt',
      TLS_KEY_FILE: '/tls/tls.key',
      TLS_CLIENT_CA_FILE: '/tls/ca.crt',
      CORS_ORIGINS: 'https://app.example.com, http://localhost:3000',
    };
    expect(parseConfig(env, '/app/model.json')).toEqual({
      host: '0.0.0.0',
      port: 9000,
      modelPath: '/other.json',
      logLevel: 'silent',
      maxBodyBytes: 1,
      maxRows: 7,
      maxConnections: 3,
      maxInFlight: 2,
      maxBufferedBytes: 5,
      vertex: {healthRoute: '/ping', predictRoute: '/v1/endpoints/12/deployedModels/34:predict'},
      access: {
        apiKeyFile: '/run/keys',
        open: ['page', 'metrics'],
        tls: {certFile: '/tls/tls.crt', keyFile: '/tls/tls.key', clientCaFile: '/tls/ca.crt'},
        corsOrigins: ['https://app.example.com', 'http://localhost:3000'],
      },
    });
  });

  test('takes every port from 0 to 65535', () => {
    expect(parseConfig({PORT: '0'}, '').port).toBe(0);
    expect(parseConfig({PORT: '65535'}, '').port).toBe(65_535);
  });

  test.each(['65536', '-1', '80.5', 'http', '1e3', '0x50', ' 80'])('refuses PORT=%s', text => {
    expect(messageFor({PORT: text})).toBe(
      `The server cannot start with this environment:\n  PORT: expected a whole number from 0 to 65535, found "${text}". Set PORT=8000, or leave it out.`,
    );
  });

  test('prefers the port of Vertex AI to the one that the image sets', () => {
    expect(parseConfig({PORT: '8000', AIP_HTTP_PORT: '8080'}, '').port).toBe(8080);
    expect(messageFor({PORT: 'ignored', AIP_HTTP_PORT: '0.5'})).toBe(
      'The server cannot start with this environment:\n  AIP_HTTP_PORT: expected a whole number from 0 to 65535, found "0.5". Set AIP_HTTP_PORT=8080, or leave it out.',
    );
  });

  test.each(['/', '/a', '/a/', '/a.b/c-d_e~f@g', '/v1/x:predict', '/...'])('takes the route %s', route => {
    expect(parseConfig({AIP_HEALTH_ROUTE: route}, '').vertex).toEqual({
      healthRoute: route,
      predictRoute: undefined,
    });
  });

  test.each([
    'ping',
    '/ping?x=1',
    '/ping#x',
    '//ping',
    '/a//b',
    '/:name',
    '/a/:name',
    '/*',
    '/a b',
    '/%61',
    '/../a',
    '/a/.',
    '/ü',
    '/a\n',
    'http://x/a',
  ])('refuses the route %j', route => {
    const found = JSON.stringify(route);
    expect(messageFor({AIP_PREDICT_ROUTE: route})).toBe(
      `The server cannot start with this environment:\n  AIP_PREDICT_ROUTE: expected a path of letters, digits and -._~:@ between slashes, such as /predict, without a query; found ${found}. Set AIP_PREDICT_ROUTE=/predict, or leave it out.`,
    );
  });

  test('refuses one path for two routes', () => {
    expect(messageFor({AIP_HEALTH_ROUTE: '/x', AIP_PREDICT_ROUTE: '/x'})).toBe(
      'The server cannot start with this environment:\n  AIP_PREDICT_ROUTE: expected another path than AIP_HEALTH_ROUTE, found "/x" in both. Set AIP_PREDICT_ROUTE=/predict, or leave it out.',
    );
  });

  test('buffers at least one body of the largest size', () => {
    expect(parseConfig({MAX_BODY_BYTES: '100000000'}, '').maxBufferedBytes).toBe(100_000_000);
    expect(messageFor({MAX_BODY_BYTES: '2000', MAX_BUFFERED_BYTES: '1999'})).toBe(
      'The server cannot start with this environment:\n  MAX_BUFFERED_BYTES: expected a whole number from 2000 to 1099511627776, found "1999". Set MAX_BUFFERED_BYTES=67108864, or leave it out.',
    );
  });

  test('tells all problems at once', () => {
    const env = {
      PORT: '70000',
      LOG_LEVEL: 'loud',
      MAX_BODY_BYTES: '0',
      MAX_ROWS: 'many',
      MAX_CONNECTIONS: '0',
      MAX_IN_FLIGHT: '-1',
      AIP_HEALTH_ROUTE: 'ping',
    };
    expect(messageFor(env)).toBe(
      [
        'The server cannot start with this environment:',
        'MAX_BODY_BYTES: expected a whole number from 1 to 268435456, found "0". Set MAX_BODY_BYTES=10485760, or leave it out.',
        'PORT: expected a whole number from 0 to 65535, found "70000". Set PORT=8000, or leave it out.',
        'LOG_LEVEL: expected one of debug, info, warn, error, silent, found "loud". Set LOG_LEVEL=info, or leave it out.',
        'MAX_ROWS: expected a whole number from 1 to 100000000, found "many". Set MAX_ROWS=100000, or leave it out.',
        'MAX_CONNECTIONS: expected a whole number from 1 to 1000000, found "0". Set MAX_CONNECTIONS=2000, or leave it out.',
        'MAX_IN_FLIGHT: expected a whole number from 1 to 1000000, found "-1". Set MAX_IN_FLIGHT=1000, or leave it out.',
        'AIP_HEALTH_ROUTE: expected a path of letters, digits and -._~:@ between slashes, such as /healthz, without a query; found "ping". Set AIP_HEALTH_ROUTE=/healthz, or leave it out.',
      ].join('\n  '),
    );
  });
});
