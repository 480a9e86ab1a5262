import type * as z from 'zod/mini';

/** Says where the first of a schema's issues is and what was expected there, and how many more there are. */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  const [first] = issues;
  if (first === undefined) return 'it does not match the format';
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const path = first.path.map(String).join('.');
  return `${path === '' ? '' : `at "${path}": `}${describeIssue(first)}${more}`;
}

/** zod/mini comes without messages; these are all that this schema can raise. */
function describeIssue(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeNames[issue.expected] ?? issue.expected}`;
    case 'unrecognized_keys':
      return `unknown key ${issue.keys.map(key => JSON.stringify(key)).join(', ')}`;
    case 'invalid_format':
      return `expected text of the form ${issue.pattern ?? issue.format}`;
    case 'too_small':
      return `expected ${issue.origin === 'number' ? '' : 'a length of '}${
        issue.inclusive ? 'at least' : 'more than'
      } ${issue.minimum}`;
    case 'invalid_value':
      return `expected ${issue.values.map(value => JSON.stringify(value)).join(' or ')}`;
    default:
      return issue.message;
  }
}

const typeNames: Record<string, string> = {
  number: 'a finite number',
  int: 'a whole number',
  string: 'text',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
