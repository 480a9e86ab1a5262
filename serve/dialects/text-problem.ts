import * as z from 'zod/mini';
import type {Problem} from '../rows/problem.ts';

/** The errors of KServe's protocols: one text. */
export const textProblem = z.strictObject({error: z.string()});

/** Writes an error as one text, with each value at fault. */
export function formatTextProblem(problem: Problem['problem']): string {
  return JSON.stringify({error: describeProblem(problem)});
}

/** Writes what is wrong as one text: the message, and each value at fault. */
export function describeProblem({message, fields}: Problem['problem']): string {
  const details = fields.map(({path, message}) => `${path}: ${message}`).join('; ');
  return details === '' ? message : `${message} ${details}.`;
}
