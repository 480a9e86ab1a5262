/** JSON for people: what fits into a line of `width` characters stays in one. */
export function formatJson(value: unknown, width = 76, indent = ''): string {
  const flat = flatten(value);
  if (typeof value !== 'object' || value === null || indent.length + flat.length <= width) return flat;
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const members = Object.entries(value).map(([key, member]) => {
    const name = isList ? '' : `${JSON.stringify(key)}: `;
    return inner + name + formatJson(member, width - name.length, inner);
  });
  return members.length === 0
    ? flat
    : `${isList ? '[' : '{'}\n${members.join(',\n')}\n${indent}${isList ? ']' : '}'}`;
}

/** Whether bodies of a media type are one JSON value: application/json and the like, but not lines of JSON. */
export function isJsonType(mediaType: string): boolean {
  return /[/+]json\b/.test(mediaType);
}

function flatten(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(flatten).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${flatten(member)}`);
  return `{${members.join(', ')}}`;
}
