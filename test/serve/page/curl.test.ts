import {execFileSync} from 'node:child_process';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {formatCurl, quoteForShell} from '../../../serve/page/curl.ts';

describe('a curl command', () => {
  test('has one option a line', () => {
    const headers = {'content-type': 'application/json'};
    expect(
      formatCurl({method: 'POST', url: 'http://h:8000/predict?interval=0.9', headers, body: '{"a": 1}'}),
    ).toBe(
      String.raw`curl 'http://h:8000/predict?interval=0.9' \
  -H 'content-type: application/json' \
  -d '{"a": 1}'`,
    );
  });

  test('leaves the method to curl where curl chooses it', () => {
    expect(formatCurl({method: 'GET', url: 'http://h/model'})).toBe('curl http://h/model');
    expect(formatCurl({method: 'HEAD', url: 'http://h/model'})).toBe('curl http://h/model \\\n  -X HEAD');
  });

  test('keeps a body that begins with @ from naming a file', () => {
    expect(formatCurl({method: 'POST', url: 'http://h/', body: '@a\n1'})).toBe(
      "curl http://h/ \\\n  --data-raw '@a\n1'",
    );
  });

  test('is read by a shell as what was meant, whatever the text', () => {
    const text = fc.oneof(
      fc.string({unit: 'grapheme'}),
      fc.constantFrom("'", '"', '`id`', '$(id)', '\\', '\n', '!', '*'),
    );
    const texts = fc.array(
      fc.array(text).map(parts => parts.join('').replaceAll('\0', '')),
      {minLength: 1, maxLength: 50},
    );
    fc.assert(
      fc.property(texts, words => {
        const script = `printf '%s\\0' ${words.map(quoteForShell).join(' ')}`;
        const output = execFileSync('sh', ['-c', script], {encoding: 'utf8'});
        expect(output.split('\0').slice(0, -1)).toEqual(words);
      }),
      {numRuns: 50},
    );
  });
});
