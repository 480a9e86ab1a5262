import {describe, expect, test} from 'vitest';
import type {Answer} from '../../pipeline/smoke/connection.ts';
import {judgeAnswer} from '../../pipeline/smoke/judge-answer.ts';
import type {Exchange} from '../../serve/dialects/dialect.ts';

const headers = {'x-model-version': 'v', 'x-request-id': '1', 'content-type': 'application/json'};

/** The reason why an answer is wrong; undefined where it is right. */
function judge(says: unknown, text: string, changes: Partial<Answer> & Partial<Exchange> = {}) {
  const exchange: Exchange = {method: 'POST', path: '/p', answer: {status: 200, says}, ...changes};
  try {
    judgeAnswer(exchange, {status: 200, text, ...changes, headers: {...headers, ...changes.headers}}, 'v');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('an answer', () => {
  test.each([
    [{prediction: [1.5]}, '{"prediction": [1.5]}'],
    [{prediction: [1.5]}, '{"prediction": [1.500000000000001], "more": 1}'],
    [{prediction: [1e12]}, '{"prediction": [1000000000000.5]}'],
    [{prediction: [[1, 2]]}, '{"prediction": [[1, 2]]}'],
    [undefined, 'anything'],
    ['text', '"text"'],
    [null, 'null'],
  ])('that must say %j may be %s', (says, text) => {
    expect(judge(says, text)).toBeUndefined();
  });

  test.each([
    [{prediction: [1.5]}, '{"prediction": [1.5000001]}', 'prediction[0]: expected 1.5, got 1.5000001'],
    [{prediction: [1.5]}, '{"prediction": [null]}', 'prediction[0]: expected 1.5, got null'],
    [{prediction: [1.5]}, '{"prediction": ["1.5"]}', 'prediction[0]: expected 1.5, got "1.5"'],
    [{prediction: [1]}, '{"prediction": [1, 1]}', 'prediction: expected 1 values, got 2'],
    [{prediction: [1]}, '{"prediction": {"0": 1}}', 'prediction: expected [1], got {"0":1}'],
    [{prediction: [1]}, '{}', 'prediction: expected [1], got nothing'],
    [{error: {code: 'a'}}, '{"error": {"code": "b"}}', 'error.code: expected "a", got "b"'],
    [{error: {code: 'a'}}, '{"error": null}', 'error: expected {"code":"a"}, got null'],
    [[1], '1', 'the answer: expected [1], got 1'],
  ])('that must say %j may not be %s', (says, text, reason) => {
    expect(judge(says, text)).toBe(`POST /p: ${reason}`);
  });

  test('must be JSON where it is read as such', () => {
    expect(judge({}, '<html>')).toMatch(/^Unexpected token/);
  });

  test('has the status, the headers and the version that are expected, and an id', () => {
    expect(judge(undefined, 'no', {status: 500})).toBe('POST /p: expected status 200, got 500: no');
    const answer = {status: 200, headers: {allow: 'POST'}};
    expect(judge(undefined, '', {answer})).toBe('POST /p: allow: expected POST, got none');
    expect(judge(undefined, '', {headers: {'x-model-version': 'w'}})).toBe(
      'POST /p: x-model-version: expected v, got w',
    );
    expect(judge(undefined, '', {headers: {'x-request-id': undefined} as never})).toBe(
      'POST /p: the answer has no x-request-id',
    );
  });

  test('repeats nothing that was sent to be refused', () => {
    const answer = {status: 400};
    const wrong = {status: 400, answer, body: {features: ['smoke-test-text']}};
    expect(judge(undefined, 'smoke-test-text is no number', wrong)).toBe(
      'POST /p: the answer echoes its input',
    );
    expect(judge(undefined, 'there is text', wrong)).toBeUndefined();
  });
});
