import * as z from 'zod/mini';
import type {Artifact} from '../artifact/artifact.ts';
import {createKeptHandler} from '../http/kept.ts';
import type {GroupedRoute, Route} from '../http/route.ts';
import type {Service} from '../http/service.ts';
import {describeOperation, nameOperations} from './openapi-operations.ts';
import {createProblems} from './openapi-problems.ts';
import {createSchemaNames, type JsonSchema} from './openapi-schemas.ts';
import {describeSecurity} from './openapi-security.ts';

/**
 * `GET /openapi.json`: the OpenAPI 3.1 document of this server, https://spec.openapis.org/oas/v3.1.1.html.
 *
 * Made of what the routes say of themselves.
 *
 * @param listRoutes gives all routes of the server, this one included.
 * @param groups describe the groups that routes may be in.
 */
export function createOpenApiRoute(
  service: Service,
  listRoutes: () => readonly GroupedRoute[],
  groups: readonly Group[],
): Route {
  return {
    method: 'GET',
    path: '/openapi.json',
    open: 'page',
    handler: createKeptHandler(() => JSON.stringify(createDocument(service, listRoutes(), groups))),
    describe: () => ({
      summary: 'This document',
      answer: {'application/json': {schema: z.looseObject({openapi: z.string()})}},
      isKept: true,
      problems: [],
    }),
  };
}

type Group = {name: string; description: string};

function createDocument(
  {artifact, guard, schemas}: Service,
  routes: readonly GroupedRoute[],
  groups: readonly Group[],
): JsonSchema {
  const operations = nameOperations(routes);
  const {requirements, schemes, ofRoute} = describeSecurity(guard);
  const names = createSchemaNames();
  const {row, instance, rows, instances, prediction, interval, warnings} = schemas;
  const shared = {
    Row: row,
    Rows: rows,
    Instance: instance,
    Instances: instances,
    Prediction: prediction,
    Interval: interval,
    Warnings: warnings,
  };
  for (const [name, schema] of Object.entries(shared)) names.refer(schema, name);
  const problems = createProblems(names);
  const paths: Record<string, JsonSchema> = {};
  for (const operation of operations) {
    // Braces would be a parameter.
    const path = operation.path.replace(/[{}]/g, encodeURIComponent);
    paths[path] = {
      parameters: ['RequestId', 'TraceParent'].map(name => ({$ref: `#/components/parameters/${name}`})),
      ...paths[path],
      [operation.method.toLowerCase()]: describeOperation(operation, names, problems, ofRoute(operation)),
    };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: `${artifact.name} model server`,
      version: artifact.version,
      description: describeModel(artifact),
      // of this server; that of the data is in the model card
      license: {name: 'MIT', identifier: 'MIT'},
    },
    // Relative to this document: a gateway may serve it under a prefix.
    servers: [{url: '.'}],
    security: requirements,
    tags: groups
      .filter(({name}) => operations.some(({group}) => group === name))
      .map(({name, description}) => ({name, description})),
    paths,
    components: {
      schemas: names.list(),
      responses: problems.list(),
      securitySchemes: schemes,
      parameters: {RequestId: requestIdParameter, TraceParent: traceParentParameter},
      headers: describeHeaders(artifact, requirements.length > 0),
    },
  };
}

function describeModel({features, targets, metrics, provenance}: Artifact): string {
  const list = (items: readonly {name: string; unit: string | null}[]) =>
    items.map(({name, unit}) => (unit === null ? name : `${name} (${unit})`)).join(', ');
  const {train, test} = provenance.split;
  return (
    `Predicts ${list(targets)} from ${list(features)}: a linear regression on ${train} rows, whose mean squared ` +
    `error on ${test} other rows is ${metrics.mse}. Numbers are doubles. No error repeats what was sent.`
  );
}

const requestIdParameter = {
  name: 'x-request-id',
  in: 'header',
  description: 'Sent back when it has 1 to 128 letters, digits, dots, hyphens and underscores',
  schema: {type: 'string'},
};

const traceParentParameter = {
  name: 'traceparent',
  in: 'header',
  description: 'The trace that the request belongs to, as W3C Trace Context has it; the log keeps it',
  schema: {type: 'string'},
};

function describeHeaders({version}: Artifact, asksWho: boolean): JsonSchema {
  return {
    RequestId: {
      description: 'The id under which the log has this request',
      required: true,
      schema: {type: 'string'},
    },
    ModelVersion: {
      description: 'The version of the model that is served',
      required: true,
      schema: {type: 'string', const: version},
    },
    TraceResponse: {
      description: 'Where a traceparent was sent: the trace, and the operation in it that answered',
      schema: {type: 'string'},
    },
    ...(asksWho && {Challenge: {description: 'How to say who asks', schema: {type: 'string'}}}),
    ETag: {description: 'Names this content, for if-none-match', schema: {type: 'string'}},
    CacheControl: {
      description: 'That it is to be asked for anew',
      schema: {type: 'string', const: 'no-cache'},
    },
    RetryAfter: {description: 'Seconds after which to ask again', schema: {type: 'integer'}},
    AcceptEncoding: {
      description: 'Where the body was packed in another way: how it may be',
      schema: {type: 'string', const: 'gzip, deflate'},
    },
  };
}
