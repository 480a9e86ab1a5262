import * as z from 'zod/mini';
import {nameObjects} from './name-objects.ts';

/** JSON Schema 2020-12, which is what OpenAPI 3.1 has for schemas. */
export type JsonSchema = Record<string, unknown>;

/** The schemas of an OpenAPI document: named once, and referred to wherever they are used. */
export type SchemaNames = {
  /** Names a schema, unless it has a name already; a name that another schema has gets a number. */
  refer(schema: z.core.$ZodType, name: string): {$ref: string};
  /** The named schemas, each referring to those inside it. */
  list(): Record<string, JsonSchema>;
};

/** Starts with no names. */
export function createSchemaNames(): SchemaNames {
  const registry = z.registry<{id: string}>();
  const taken = new Set<string>();
  return {
    refer(schema, name) {
      let id = registry.get(schema)?.id;
      if (id === undefined) {
        id = claim(name);
        registry.add(schema, {id});
      }
      return {$ref: locate(id)};
    },
    list() {
      const {schemas} = z.toJSONSchema(registry, {uri: locate, ...options});
      const plain = Object.entries(schemas).map(([id, schema]): [string, JsonSchema] => [
        id,
        withoutAddress(schema),
      ]);
      return nameObjects(Object.fromEntries(plain), locate);
    },
  };

  function claim(name: string): string {
    let id = name;
    for (let i = 2; taken.has(id); i++) id = `${name}${i}`;
    taken.add(id);
    return id;
  }
}

/** Converts one schema that needs no name. */
export function convertSchema(schema: z.core.$ZodType): JsonSchema {
  return withoutAddress(z.toJSONSchema(schema, options));
}

/** A list is as long as its items say; generators of clients refuse `items: false`, which says no more. */
const options: z.core.ToJSONSchemaParams = {
  io: 'input',
  override: ({jsonSchema}) => {
    if (jsonSchema.prefixItems !== undefined) delete jsonSchema.items;
  },
};

function locate(id: string): string {
  return `#/components/schemas/${id}`;
}

/** The document itself says which dialect its schemas are in and where they are. */
function withoutAddress(schema: z.core.JSONSchema.BaseSchema): JsonSchema {
  const {$schema: _, $id: __, ...rest} = schema;
  return rest;
}
