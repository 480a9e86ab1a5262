import * as z from 'zod/mini';
import {createKeptHandler} from '../../http/kept.ts';
import type {Route} from '../../http/route.ts';
import type {Service} from '../../http/service.ts';
import {refuse} from '../../rows/problem.ts';

export const cardMediaType = 'text/markdown; charset=utf-8';

/**
 * `GET /model/card`: the model card that came with the model. Without one the OpenAPI document does not tell of the
 * path, which then says that there is none.
 */
export function createCardRoute({artifact, card}: Service): Route {
  const route = {method: 'GET', path: '/model/card'} as const;
  if (card === undefined) return {...route, handler: () => refuse(404, 'not_found', noCard)};
  return {
    ...route,
    handler: createKeptHandler(() => card, {'content-type': cardMediaType}),
    describe: () => ({
      summary: 'The model card: what the model is for, how well it predicts, and what to beware of',
      answer: {
        [cardMediaType]: {
          schema: z.string(),
          examples: {
            beginning: `# Model card: ${artifact.name}\n\nVersion \`${artifact.version}\`.\n`,
          },
        },
      },
      isKept: true,
      problems: [],
    }),
  };
}

const noCard =
  'This model came without a card: there is no model-card.md beside its model.json. GET /model tells what the model is.';
