import type {Guard} from '../access/guard.ts';
import type {GroupedRoute} from '../http/route.ts';
import type {JsonSchema} from './openapi-schemas.ts';

/** What an OpenAPI document says of who may ask. */
export type Security = {
  /** The ways in, any of which will do; none where everybody may ask. */
  requirements: JsonSchema[];
  schemes: JsonSchema;
  /** Gives the further members of an operation, and the statuses with which it refuses who may not ask. */
  ofRoute(route: Pick<GroupedRoute, 'open'>): {members: JsonSchema; statuses: number[]};
};

export function describeSecurity(guard: Guard | undefined): Security {
  if (guard === undefined) return {requirements: [], schemes: {}, ofRoute: () => nothing};
  const {asksForKey, asksForCertificate} = guard;
  const certificate = asksForCertificate ? {certificate: []} : {};
  const keys = asksForKey ? [{bearer: []}, {apiKey: []}] : [{}];
  const statuses = [...(asksForKey ? [401] : []), ...(asksForCertificate ? [403] : [])];
  return {
    requirements: keys.map(key => ({...key, ...certificate})),
    schemes: {
      ...(asksForKey && {
        bearer: {type: 'http', scheme: 'bearer', description: 'An API key'},
        apiKey: {type: 'apiKey', in: 'header', name: 'x-api-key', description: 'The same'},
      }),
      ...(asksForCertificate && {
        certificate: {type: 'mutualTLS', description: 'A client certificate that the operator has issued'},
      }),
    },
    ofRoute: ({open}) =>
      guard.isOpen(open) ? {members: {security: []}, statuses: []} : {members: {}, statuses},
  };
}

const nothing = {members: {}, statuses: []};
