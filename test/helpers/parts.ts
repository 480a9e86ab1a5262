import {inject, test} from 'vitest';
import type {Part} from './machine-parts.ts';

/** What of `test` a test with real parts uses; the compiler asks it of the substitute, too. */
interface TestWithParts {
  (name: string, run: () => unknown, timeout?: number): void;
  (name: string, options: {timeout: number}, run: () => unknown): void;
  each<Case extends readonly unknown[]>(
    cases: readonly Case[],
  ): (name: string, run: (...values: Case) => unknown) => void;
}

/**
 * `test` for what needs real parts, in a file named `X.parts.test.ts`. Where one is missing the test is skipped and
 * its name says why; under CI=true a missing part is a failure.
 */
export function testWith(...needed: Part[]): TestWithParts {
  const gaps: Record<string, string> | undefined = inject('gaps');
  if (gaps === undefined) throw new Error('A test that needs real parts stands in a file X.parts.test.ts.');
  const reasons = needed.flatMap(part => gaps[part] ?? []);
  return reasons.length === 0 ? (test as TestWithParts) : makeSubstitute(reasons.join('; '));
}

function makeSubstitute(reason: string): TestWithParts {
  const isFailure = process.env.CI === 'true';
  const fail = () => {
    throw new Error(reason);
  };
  // in a name of `each` a per cent sign stands before what is filled in
  const shown = (name: string) => `${name} (${reason.replaceAll('%', '%%')})`;
  const refuse = (name: string) => {
    if (isFailure) test(name, fail);
    else test.skip(`${name} (${reason})`, fail);
  };
  return Object.assign(refuse, {
    each: (cases: readonly (readonly unknown[])[]) => (name: string) =>
      isFailure ? test.each(cases)(name, fail) : test.skip.each(cases)(shown(name), fail),
  });
}
