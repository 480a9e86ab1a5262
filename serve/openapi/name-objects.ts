/** As `JsonSchema` of openapi-schemas.ts, which uses this file. */
type JsonSchema = Record<string, unknown>;

/**
 * Gives every object inside of the named schemas a name of its own, the same for equal ones, and puts it before those
 * that it is in. Generators of clients make a class of each object: of one without a name, several times the same.
 *
 * @param locate writes the address of a name.
 */
export function nameObjects(
  schemas: Readonly<Record<string, JsonSchema>>,
  locate: (name: string) => string,
): Record<string, JsonSchema> {
  const named: Record<string, JsonSchema> = {};
  const nameOf = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemas)) named[name] = visitMembers(schema, name);
  return named;

  function visit(schema: unknown, name: string): unknown {
    if (!isSchema(schema)) return schema;
    const visited = visitMembers(schema, name);
    if (visited.properties === undefined) return visited;
    const text = JSON.stringify(visited);
    let own = nameOf.get(text);
    if (own === undefined) {
      own = name;
      for (let i = 2; Object.hasOwn(schemas, own) || Object.hasOwn(named, own); i++) own = `${name}${i}`;
      nameOf.set(text, own);
      named[own] = visited;
    }
    return {$ref: locate(own)};
  }

  function visitMembers(schema: JsonSchema, name: string): JsonSchema {
    const visited: JsonSchema = {...schema};
    const {properties, items, additionalProperties, anyOf} = schema;
    if (isSchema(properties)) {
      visited.properties = Object.fromEntries(
        Object.entries(properties).map(([key, member]) => [key, visit(member, name + toName(key))]),
      );
    }
    if (isSchema(items)) visited.items = visit(items, `${name}Item`);
    if (isSchema(additionalProperties))
      visited.additionalProperties = visit(additionalProperties, `${name}Member`);
    if (Array.isArray(anyOf))
      visited.anyOf = anyOf.map(option => visit(option, name + toName(nameOption(option))));
    return visited;
  }
}

/** Alternatives are told apart by what they need. */
function nameOption(option: unknown): string {
  const required = isSchema(option) ? option.required : undefined;
  return Array.isArray(required) ? String(required[0]) : '';
}

function toName(key: string): string {
  return key
    .split(/[^A-Za-z0-9]+/)
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
