import {inject, test} from 'vitest';
import type {Part} from './machine-parts.ts';

/**
 * `test` for what needs real parts, in a file named `X.parts.test.ts`. Where one is missing the test is skipped and
 * its name says why; under CI=true a missing part is a failure.
 */
export function testWith(...needed: Part[]): typeof test | typeof test.skip {
  const gaps: Record<string, string> | undefined = inject('gaps');
  if (gaps === undefined) throw new Error('A test that needs real parts stands in a file X.parts.test.ts.');
  const reasons = needed.flatMap(part => gaps[part] ?? []);
  if (reasons.length === 0) return test;
  const reason = reasons.join('; ');
  const isFailure = process.env.CI === 'true';
  return ((name: string) =>
    isFailure
      ? test(name, () => {
          throw new Error(reason);
        })
      : test.skip(`${name} (${reason})`, () => {})) as typeof test;
}
