import {describe, expect, test} from 'vitest';
import {isLoopback, RegistryAddress} from '../../../pipeline/io/registry/address.ts';

describe('the address of a registry', () => {
  test.each([
    ['registry.example.org', {scheme: 'https', host: 'registry.example.org', path: ''}],
    [
      'registry.example.org:5000/team/models',
      {scheme: 'https', host: 'registry.example.org:5000', path: 'team/models'},
    ],
    ['http://registry.example.org', {scheme: 'http', host: 'registry.example.org', path: ''}],
    ['127.0.0.1:5000', {scheme: 'http', host: '127.0.0.1:5000', path: ''}],
    ['localhost:5000/a/', {scheme: 'http', host: 'localhost:5000', path: 'a'}],
    ['https://localhost:5000', {scheme: 'https', host: 'localhost:5000', path: ''}],
    ['[::1]:5000', {scheme: 'http', host: '[::1]:5000', path: ''}],
  ])('reads the registry %s', (text, expected) => {
    expect(RegistryAddress.parse(text)).toEqual(expected);
  });

  test('speaks plain HTTP to loopback only', () => {
    expect(['localhost', '127.0.0.1:5000', '127.1.2.3', '[::1]'].every(isLoopback)).toBe(true);
    expect(
      ['localhost.example.org', '128.0.0.1', '127.0.0.1.example.org', '10.0.0.1:5000'].some(isLoopback),
    ).toBe(false);
  });

  test.each(['ftp://x', 'a b', '', 'https://', 'host//path'])('is not %j', text => {
    expect(RegistryAddress.safeParse(text).success).toBe(false);
  });
});
