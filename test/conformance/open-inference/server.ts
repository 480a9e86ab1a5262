import assert from 'node:assert/strict';

/** A server that speaks the Open Inference Protocol, and the model that it is asked for. */
export type Subject = {url: string; model: string};

export type Answer = {status: number; headers: Headers; bytes: Buffer};

/** A tensor as a model's metadata have it. */
export type TensorMetadata = {name: string; datatype: string; shape: number[]};

export type Tensor = TensorMetadata & {data?: unknown[]; parameters?: Record<string, unknown>};

/** Asks a server; a body that is no bytes is sent as JSON. */
export async function ask(
  {url}: Subject,
  path: string,
  {body, headers = {}}: {body?: unknown; headers?: Record<string, string>} = {},
): Promise<Answer> {
  const content = body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
  const response = await fetch(url + path, {
    ...(body !== undefined && {method: 'POST', body: content}),
    headers: {'content-type': 'application/json', ...headers},
    signal: AbortSignal.timeout(30_000),
  });
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

/** Reads an answer with status 200 as a JSON object. */
export function readObject({status, bytes}: Answer): Record<string, unknown> {
  assert.equal(status, 200, `status 200, as ${bytes.toString().slice(0, 200)} has not`);
  const value: unknown = JSON.parse(bytes.toString());
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), 'a JSON object');
  return value as Record<string, unknown>;
}

/** Checks that a request is refused, in the protocol's shape. */
export function checkRefused({status, bytes}: Answer): void {
  assert.ok(status >= 400 && status < 500, `a status from 400 to 499, not ${status}`);
  assert.equal(typeof JSON.parse(bytes.toString()).error, 'string', 'an object with "error" as text');
}

/** Asks for the metadata of the model. */
export async function readModel(subject: Subject): Promise<{
  inputs: TensorMetadata[];
  outputs: TensorMetadata[];
  versions: string[];
}> {
  const {inputs, outputs, versions = []} = readObject(await ask(subject, `/v2/models/${subject.model}`));
  assert.ok(Array.isArray(inputs) && Array.isArray(outputs), 'lists "inputs" and "outputs"');
  assert.ok(Array.isArray(versions), 'a list "versions", where there is one');
  return {inputs, outputs, versions};
}

/** Sends an inference request and reads its answer, with the data of tensors that stand behind the JSON. */
export async function infer(
  subject: Subject,
  request: {inputs: Tensor[]} & Record<string, unknown>,
  path = `/v2/models/${subject.model}/infer`,
): Promise<{outputs: Tensor[]} & Record<string, unknown>> {
  const answer = await ask(subject, path, {body: request});
  const {outputs, ...rest} = readObject(answer);
  assert.ok(Array.isArray(outputs), 'a list "outputs"');
  return {outputs, ...rest};
}
