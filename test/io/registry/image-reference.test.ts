import {describe, expect, test} from 'vitest';
import {findOwnDigest} from '../../../pipeline/io/registry/image-reference.ts';

const [one, two, three] = ['1', '2', '3'].map(digit => `sha256:${digit.repeat(64)}`) as [
  string,
  string,
  string,
];

describe("the base's digest", () => {
  test('is that of its own repository, whatever else the engine has pulled and in whatever order', () => {
    const known = [
      `127.0.0.1:5000/mirror/nodejs24-debian13@${one}`,
      `gcr.io/distroless/nodejs24-debian13@${two}`,
      `gcr.io/distroless/nodejs24@${three}`,
    ];
    const reference = 'gcr.io/distroless/nodejs24-debian13:nonroot';
    expect(findOwnDigest(reference, known)).toBe(two);
    expect(findOwnDigest(reference, known.toReversed())).toBe(two);
    expect(findOwnDigest('gcr.io/distroless/other:nonroot', known)).toBeUndefined();
    expect(findOwnDigest(reference, [])).toBeUndefined();
  });

  // the names of distribution/reference: a first part without a dot or a port is no registry, but localhost is
  test.each([
    ['node:24', 'node'],
    ['node', 'docker.io/library/node'],
    ['docker.io/node:24', 'docker.io/library/node'],
    ['index.docker.io/library/node:24', 'node'],
    ['team/node:24', 'docker.io/team/node'],
    ['localhost/node:24', 'localhost/node'],
    ['localhost:5000/node:24', 'localhost:5000/node'],
    ['registry.example.org/a/b/node', 'registry.example.org/a/b/node'],
  ])('of %s is the one of %s', (reference, repository) => {
    expect(findOwnDigest(reference, [`other/image@${one}`, `${repository}@${two}`])).toBe(two);
  });

  test.each([
    ['node:24', 'localhost/node'],
    ['node:24', 'docker.io/team/node'],
    ['localhost/node', 'docker.io/localhost/node'],
    ['registry.example.org:5000/node', 'registry.example.org/node'],
  ])('of %s is none of %s', (reference, repository) => {
    expect(findOwnDigest(reference, [`${repository}@${one}`])).toBeUndefined();
  });

  test('is the one that was asked for, where one was', () => {
    expect(findOwnDigest(`node:24@${one}`, [`node@${two}`])).toBe(one);
  });

  test('is the first of several in the order of their text', () => {
    expect(findOwnDigest('node', [`node@${two}`, `node@${one}`])).toBe(one);
    expect(findOwnDigest('node', [`node@${one}`, `node@${two}`])).toBe(one);
  });
});
