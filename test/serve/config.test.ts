import {describe, expect, test} from 'vitest';
import {ConfigError, parseConfig} from '../../serve/config.ts';

const defaults = {
  host: '127.0.0.1',
  port: 8000,
  modelPath: '/app/model.json',
  logLevel: 'info',
  maxBodyBytes: 10_485_760,
  maxRows: 100_000,
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
    const env = {HOST: '', PORT: '', MODEL_PATH: '', LOG_LEVEL: '', MAX_BODY_BYTES: '', MAX_ROWS: ''};
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
    };
    expect(parseConfig(env, '/app/model.json')).toEqual({
      host: '0.0.0.0',
      port: 9000,
      modelPath: '/other.json',
      logLevel: 'silent',
      maxBodyBytes: 1,
      maxRows: 7,
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

  test('tells all problems at once', () => {
    const env = {PORT: '70000', LOG_LEVEL: 'loud', MAX_BODY_BYTES: '0', MAX_ROWS: 'many'};
    expect(messageFor(env)).toBe(
      [
        'The server cannot start with this environment:',
        'PORT: expected a whole number from 0 to 65535, found "70000". Set PORT=8000, or leave it out.',
        'LOG_LEVEL: expected one of debug, info, warn, error, silent, found "loud". Set LOG_LEVEL=info, or leave it out.',
        'MAX_BODY_BYTES: expected a whole number from 1 to 268435456, found "0". Set MAX_BODY_BYTES=10485760, or leave it out.',
        'MAX_ROWS: expected a whole number from 1 to 100000000, found "many". Set MAX_ROWS=100000, or leave it out.',
      ].join('\n  '),
    );
  });
});
