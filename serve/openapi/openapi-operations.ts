import type {Content, GroupedRoute, Operation} from '../http/route.ts';
import {commonHeaders, type Problems} from './openapi-problems.ts';
import {convertSchema, type JsonSchema, type SchemaNames} from './openapi-schemas.ts';
import type {Security} from './openapi-security.ts';

/** A described route under a name of its own. */
export type NamedOperation = Pick<GroupedRoute, 'method' | 'path' | 'group' | 'open'> & {
  id: string;
  operation: Operation;
};

/** Asks the routes what they are, and names those that tell. */
export function nameOperations(routes: readonly GroupedRoute[]): NamedOperation[] {
  const taken = new Set<string>();
  return routes.flatMap(({method, path, group, open, describe}) => {
    if (describe === undefined) return [];
    const name = nameOperation(method, path);
    let id = name;
    for (let i = 2; taken.has(id); i++) id = `${name}${i}`;
    taken.add(id);
    return [{method, path, group, ...(open && {open}), id, operation: describe()}];
  });
}

/** Writes an operation as OpenAPI has it. */
export function describeOperation(
  {id, group, operation}: NamedOperation,
  names: SchemaNames,
  problems: Problems,
  security: ReturnType<Security['ofRoute']>,
): JsonSchema {
  const {summary, parameters = [], request, answer, answerHeaders = {}, isKept = false} = operation;
  const kept = isKept ? keptHeaders : {};
  const describeContents = (contents: Record<string, Content>, role: 'Request' | 'Response') =>
    mapValues(contents, (content, type) => describeContent(type, content, names, `${capitalise(id)}${role}`));
  const someHeaders = mapValues(answerHeaders, description => ({description, schema: {type: 'string'}}));
  return {
    operationId: id,
    ...security.members,
    tags: [group],
    summary,
    ...(parameters.length > 0 && {
      parameters: parameters.map(({schema, ...parameter}) => ({...parameter, schema: convertSchema(schema)})),
    }),
    ...(request && {requestBody: {required: true, content: describeContents(request, 'Request')}}),
    responses: {
      200: {
        description: 'As asked',
        headers: {...commonHeaders, ...kept, ...someHeaders},
        content: describeContents(answer, 'Response'),
      },
      ...(isKept && {304: {description: 'The client has it already', headers: {...commonHeaders, ...kept}}}),
      ...problems.refer(operation, group, security.statuses),
    },
  };
}

const keptHeaders = {
  etag: {$ref: '#/components/headers/ETag'},
  'cache-control': {$ref: '#/components/headers/CacheControl'},
};

/** As `postV2ModelsInfer`: without the names of this model and version, so that the next one has the same ids. */
function nameOperation(method: string, path: string): string {
  const words: string[] = [];
  let isName = false;
  for (const segment of path.split('/')) {
    if (!isName) words.push(...segment.split(/[^A-Za-z0-9]+/));
    isName = !isName && (segment === 'models' || segment === 'versions');
  }
  return method.toLowerCase() + words.map(capitalise).join('');
}

/** A body of JSON is a schema with a name; of other bodies a schema can only say that they are text. */
function describeContent(
  type: string,
  {schema, examples}: Content,
  names: SchemaNames,
  name: string,
): JsonSchema {
  return {
    schema: type === 'application/json' ? names.refer(schema, name) : convertSchema(schema),
    ...(examples && {examples: mapValues(examples, value => ({value}))}),
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

function capitalise(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
