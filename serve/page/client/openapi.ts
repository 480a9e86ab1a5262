// The parts of OpenAPI 3.1 and JSON Schema that the documentation shows.

export type OpenApi = {
  paths: Record<string, PathItem>;
};

const methods = ['get', 'post'] as const;

type PathItem = Partial<Record<(typeof methods)[number], OperationObject>> & {parameters?: ParameterObject[]};

type OperationObject = {
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: ParameterObject[];
  requestBody?: BodyObject;
  responses?: Record<string, BodyObject>;
};

export type ParameterObject = {
  name: string;
  in: string;
  description?: string;
  required?: boolean;
  schema?: Schema;
};

export type BodyObject = {description?: string; content?: Record<string, MediaType>};

export type MediaType = {
  schema?: Schema;
  example?: unknown;
  examples?: Record<string, {summary?: string; value: unknown}>;
};

export type Schema = {
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema | boolean;
  prefixItems?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
  default?: unknown;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
};

export type Operation = OperationObject & {
  /** The end of the address of its place on the page. */
  id: string;
  tag: string;
  method: string;
  path: string;
};

/** Replaces each `$ref` into the document by what it points at, so that nothing after this needs to know of them. */
export function resolveReferences(root: unknown): OpenApi {
  const resolved = new Map<string, object>();
  return resolve(root) as OpenApi;

  function resolve(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(resolve);
    if ('$ref' in value && typeof value.$ref === 'string') {
      const {$ref, ...beside} = value;
      return {...follow(value.$ref), ...beside};
    }
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, resolve(member)]));
  }

  function follow(pointer: string): object | undefined {
    if (!resolved.has(pointer)) {
      // in place before it is complete: a schema that contains itself ends here
      resolved.set(pointer, {description: 'the same again'});
      resolved.set(pointer, Object(resolve(lookUp(pointer))));
    }
    return resolved.get(pointer);
  }

  function lookUp(pointer: string): unknown {
    const keys = pointer.split('/').slice(1);
    const names = keys.map(key => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'));
    return names.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], root);
  }
}

/** The operations by tag, in the document's order. */
export function groupOperations({paths}: OpenApi): Map<string, Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of methods) {
      const operation = item[method];
      if (operation === undefined) continue;
      const tag = operation.tags?.[0] ?? 'Other';
      const id = `${method}${path.replace(/\W/g, '-')}`;
      const parameters = [...(operation.parameters ?? []), ...(item.parameters ?? [])];
      const found = {...operation, parameters, id, tag, method: method.toUpperCase(), path};
      groups.set(tag, [...(groups.get(tag) ?? []), found]);
    }
  }
  return groups;
}
