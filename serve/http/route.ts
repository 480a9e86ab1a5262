import type * as z from 'zod/mini';
import type {OpenPart} from '../access/guard.ts';
import type {Problem} from '../rows/problem.ts';
import type {Handler} from './reply.ts';

/** One path of the server: its handler, and its part of the OpenAPI document. */
export type Route = {
  method: 'GET' | 'POST';
  /** The path as clients send it; no parameters, since every name in it is this model's. */
  path: string;
  handler: Handler;
  /** Where the server asks for keys or certificates: the part of it that needs none, by setting or `always`. */
  open?: OpenPart | 'always';
  /** The body of an error, where the clients of this route expect another shape than the server's own. */
  formatProblem?: (problem: Problem['problem']) => string;
  /** Called only when the OpenAPI document is asked for: it costs nothing at the start. Without it the route is left out. */
  describe?: () => Operation;
};

/** A route under the name of its group in the OpenAPI document, such as "Prediction". */
export type GroupedRoute = Route & {group: string};

/** Answers the paths that start with a dialect's prefix and are none of its routes, in the dialect's own shape. */
export type Fallback = Pick<Route, 'handler' | 'formatProblem'> & {prefix: string};

/** The description of a route, of which its part of the OpenAPI document is made. */
export type Operation = {
  summary: string;
  parameters?: readonly Parameter[];
  /** By media type; left out for a GET. */
  request?: Record<string, Content>;
  /** The answer with status 200, by media type. */
  answer: Record<string, Content>;
  /** Headers that only some answers with status 200 have: what each says. */
  answerHeaders?: Readonly<Record<string, string>>;
  /** The content does not change while the server runs: it has an ETag, and may be answered with 304. */
  isKept?: boolean;
  /** Statuses of the errors that the route can answer with; 500 goes without saying. */
  problems: readonly number[];
  /** The body of an error, where the route has its own `formatProblem`. */
  problemSchema?: z.core.$ZodType;
};

/** A body: its schema (the one that validates it, where one does), and examples that the server accepts or sends. */
export type Content = {
  schema: z.core.$ZodType;
  /** By a short name. For JSON a value, for text media types the text. */
  examples?: Record<string, unknown>;
};

export type Parameter = {
  name: string;
  in: 'query' | 'header';
  description: string;
  schema: z.core.$ZodType;
};
