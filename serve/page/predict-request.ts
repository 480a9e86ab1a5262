import type {HttpRequest} from './curl.ts';

/** An input of the model and the number in it. */
export type Input = {name: string; value: number};

/** Stands in a command for the key, which is not to be shown. */
export const keyPlaceholder = 'YOUR_KEY';

/** Creates the request that the page sends, and shows as a command. */
export function createPredictRequest(
  address: string,
  {level, key}: {level: string | undefined; key: string | undefined},
  inputs: readonly Input[],
): HttpRequest {
  const query = level === undefined ? '' : `?interval=${level}`;
  // spaced by hand: long commands are read, and lines break at spaces
  const members = inputs.map(({name, value}) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return {
    method: 'POST',
    url: `${address}${query}`,
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && {authorization: `Bearer ${key}`}),
    },
    body: `{"instances": [{${members.join(', ')}}]}`,
  };
}
