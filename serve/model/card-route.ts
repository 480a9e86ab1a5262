import * as z from 'zod/mini';
import {refuse} from '../reply.ts';
import type {Route} from '../route.ts';
import type {Service} from '../service.ts';

const mediaType = 'text/markdown; charset=utf-8';

/** `GET /model/card`: the model card that came with the model, which is read when it is first asked for. */
export function createCardRoute({readCard, artifact}: Service): Route {
  let card: string | undefined;
  return {
    method: 'GET',
    path: '/model/card',
    handler() {
      card ??= readCard?.();
      if (card !== undefined) return {status: 200, body: card, headers: {'content-type': mediaType}};
      const message =
        'This model came without a card: there is no model-card.md beside its model.json. GET /model tells what the model is.';
      return refuse(404, 'not_found', message);
    },
    describe: () => {
      return {
        tag: 'Server',
        summary: 'The model card: what the model is for, how well it predicts, and what to beware of',
        answer: {
          [mediaType]: {
            schema: z.string(),
            examples: {
              beginning: `# Model card: ${artifact.name}\n\nVersion \`${artifact.version}\`.\n`,
            },
          },
        },
        problems: [404],
      };
    },
  };
}
