import {type Problem, refuse} from '../rows/problem.ts';
import type {CsvHeader} from '../rows/read-csv.ts';
import {joinWords} from '../rows/wording.ts';
import {readBody} from './body.ts';
import {readCoding, refuseSize, unpackBody} from './coding.ts';

/**
 * Reads the media type of a body, lower case and without parameters; undefined where the request declares none. One
 * whose parameters are malformed (RFC 9110, 5.6.6), or name another character set than UTF-8, is none that is read.
 */
export function readMediaType(headers: Headers): string | undefined {
  const declared = headers.get('content-type');
  if (declared === null) return undefined;
  const [type = ''] = declared.split(';', 1);
  const parameters = declared.slice(type.length);
  const charset = /;[ \t]*charset="?([^";]*)/i.exec(parameters)?.[1]?.trim().toLowerCase();
  const isRead = parameterList.test(parameters) && (charset === undefined || utf8.test(charset));
  return isRead ? type.trim().toLowerCase() : 'unreadable';
}

/** Each part begins where only it can, so that this takes no longer than the text is long. */
const parameterList =
  /^(?:;[ \t]*(?:[\w!#$%&'*+.^`|~-]+=(?:[\w!#$%&'*+.^`|~-]+|"(?:[^"\\]|\\.)*")[ \t]*)?)*$/;
const utf8 = /^(?:utf-?8|us-ascii)$/;

/** Reads from a CSV's media type whether its first line is one of names, as in `text/csv; header=absent` (RFC 4180, 3). */
export function readCsvHeader(headers: Headers): CsvHeader | undefined {
  const declared = /;\s*header\s*=\s*"?(present|absent)\b/i.exec(headers.get('content-type') ?? '')?.[1];
  if (declared === undefined) return undefined;
  return declared.toLowerCase() === 'present' ? 'present' : 'absent';
}

/** Whether a body of this media type is JSON; one without a declared type is taken for it. */
export function isJsonType(mediaType: string | undefined): boolean {
  return mediaType === undefined || /^application\/(?:[\w.+-]+\+)?json$/.test(mediaType);
}

/** Refuses a media type that a route does not read; `accepted` are those that it reads. */
export function refuseMediaType(accepted: readonly string[]): Problem {
  return refuse(
    415,
    'unsupported_media_type',
    `The body must be ${joinWords(accepted, 'or')}. Name it in the header "content-type".`,
  );
}

/** Reads a body of at most `maxBytes`, packed and unpacked. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array | Problem> {
  const coding = readCoding(request.headers.get('content-encoding'));
  if (typeof coding === 'object') return coding;
  const body = await readBody(request, maxBytes);
  switch (body.status) {
    case 'incomplete':
      return refuse(400, 'incomplete_body', 'The connection ended before the body did.');
    case 'too large':
      return {...refuseSize(maxBytes), rest: body.rest};
    case 'read':
      return coding === undefined ? body.bytes : unpackBody(body.bytes, coding, maxBytes);
  }
}
