import * as z from 'zod/mini';
import {refuseInPhase} from '../http/reply.ts';
import type {Route} from '../http/route.ts';
import type {Service} from '../http/service.ts';

/** Creates a platform's health check: 200 and `{}` while predictions can be asked for, as `/readyz`; 503 otherwise. */
export function createPingRoute({phase}: Service, path: string): Route {
  return {
    method: 'GET',
    path,
    open: 'always',
    handler: () => {
      const now = phase();
      return now === 'ready' ? {status: 200, body: '{}'} : refuseInPhase(now);
    },
    describe: () => ({
      summary: 'Whether predictions can be asked for',
      answer: {'application/json': {schema: z.strictObject({}), examples: {ready: {}}}},
      problems: [503],
    }),
  };
}
