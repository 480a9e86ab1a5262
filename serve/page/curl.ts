export type HttpRequest = {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string;
};

/** Writes the curl that sends a request, for any POSIX shell; one option a line. */
export function formatCurl({method, url, headers = {}, body}: HttpRequest): string {
  const parts = [`curl ${quoteForShell(url)}`];
  // curl itself chooses GET without a body and POST with one
  if (method !== (body === undefined ? 'GET' : 'POST')) parts.push(`-X ${method}`);
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoteForShell(`${name}: ${value}`)}`);
  // after -d, a leading @ would name a file
  if (body !== undefined) parts.push(`${body.startsWith('@') ? '--data-raw' : '-d'} ${quoteForShell(body)}`);
  return parts.join(' \\\n  ');
}

/** Quotes any text as one word of a POSIX shell. */
export function quoteForShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
