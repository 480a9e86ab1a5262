import type {TestProject} from 'vitest/node';
import {explainGap, partNames} from './machine-parts.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why a part cannot be used, by its name; the others can. */
    gaps: Record<string, string>;
  }
}

/** Looks for the real parts once, for all test files, and tells which are missing. */
export function setup(project: TestProject): void {
  const gaps: Record<string, string> = {};
  for (const part of partNames) {
    const gap = explainGap(part, process.env);
    if (gap === undefined) continue;
    gaps[part] = gap;
    process.stderr.write(`Tests that need ${part} cannot run: ${gap}\n`);
  }
  project.provide('gaps', gaps);
}
