import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {formatJson, isJsonType} from '../../../serve/page/json-text.ts';

describe('JSON for people', () => {
  test('keeps in one line what fits there', () => {
    expect(formatJson({features: [[5.1, 3.5, 0.2]], interval: 0.95})).toBe(
      '{"features": [[5.1, 3.5, 0.2]], "interval": 0.95}',
    );
    expect(formatJson({prediction: [[1, 2]], model: 'a'}, 24)).toBe(`{
  "prediction": [[1, 2]],
  "model": "a"
}`);
  });

  test('is the same value when read again', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(100), (text, width) => {
        const value: unknown = JSON.parse(text);
        expect(JSON.parse(formatJson(value, width))).toEqual(value);
      }),
    );
  });

  test('is not for lines of JSON', () => {
    expect(['application/json; charset=utf-8', 'application/vnd.x+json'].every(isJsonType)).toBe(true);
    expect(['application/x-ndjson', 'text/csv'].some(isJsonType)).toBe(false);
  });
});
