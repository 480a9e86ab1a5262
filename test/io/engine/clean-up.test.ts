import {describe, expect, test} from 'vitest';
import {Failure} from '../../../pipeline/core/failure.ts';
import {findLeftBehind, withCleanUp} from '../../../pipeline/io/engine/clean-up.ts';

const refused = new Failure('rejected', {code: 'REFUSED', message: 'It was refused.', fix: 'Mend it.'});
const leftBehind = new Failure('engine', {
  code: 'CONTAINER_LEFT_BEHIND',
  message: 'The container x could not be removed: device busy',
  fix: 'Remove it by hand: docker rm --force x',
});
const fail = (error: Error) => () => Promise.reject(error);

describe('a clean-up', () => {
  test('follows the work, whether that succeeds or not', async () => {
    const steps: string[] = [];
    const cleanUp = async () => void steps.push('cleaned up');
    expect(await withCleanUp(async () => steps.push('worked'), cleanUp)).toBe(1);
    await expect(withCleanUp(fail(refused), cleanUp)).rejects.toBe(refused);
    expect(steps).toEqual(['worked', 'cleaned up', 'cleaned up']);
  });

  test('that fails after work that succeeded is the error', async () => {
    await expect(withCleanUp(async () => 1, fail(leftBehind))).rejects.toBe(leftBehind);
  });

  test('that fails too is told beside the error of the work, not in its place', async () => {
    const error = await withCleanUp(fail(refused), fail(leftBehind)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({
      kind: 'rejected',
      code: 'REFUSED',
      message: 'It was refused.\nThe container x could not be removed: device busy',
      fix: 'Mend it.\nRemove it by hand: docker rm --force x',
    });
    expect(findLeftBehind(error)).toBe(leftBehind);
  });

  test('that fails after an interruption leaves both to be found', async () => {
    const interruption = new DOMException('This operation was aborted', 'AbortError');
    const error = await withCleanUp(fail(interruption), fail(leftBehind)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({errors: [interruption, leftBehind]});
    expect(findLeftBehind(error)).toBe(leftBehind);
    expect(findLeftBehind(interruption)).toBeUndefined();
  });
});
