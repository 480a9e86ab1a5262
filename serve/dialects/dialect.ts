import type {Artifact} from '../artifact/artifact.ts';
import type {Fallback, Route} from '../http/route.ts';
import type {Service} from '../http/service.ts';

/**
 * A way in which clients talk to the server. A new one is a file with an object of this type, and a line in the list
 * of dialects.ts: from these come the routes, what the OpenAPI document says, and what the smoke test asks.
 */
export type Dialect = {
  /** Groups its routes in the OpenAPI document. */
  name: string;
  /** Says there whose way it is. */
  description: string;
  /** Creates its routes: each validates by the schemas that it describes. */
  createRoutes: (service: Service) => Route[];
  /** Creates what answers the other paths that start as its own do. */
  createFallback?: (service: Service) => Fallback;
  smoke: {
    /** Variables that a server must be started with to speak it. */
    environment?: Readonly<Record<string, string>>;
    /** Lists what the smoke test asks a server, each question with the right answer. */
    listQuestions: (subject: SmokeSubject) => Question[];
  };
};

/** The model that a server under test should serve. */
export type SmokeSubject = {
  artifact: Artifact;
  /** Whether a model card came with it. */
  hasCard: boolean;
};

/** One check of the smoke test. */
export type Question = {
  /** The name of the check. */
  name: string;
  /** Every release has answered it since the first; others may be older than it. */
  isCore?: boolean;
  /** The smoke test tells the server's speed by the times of its exchanges. */
  isTimed?: boolean;
  /** Sent one after the other. */
  exchanges: readonly Exchange[];
};

/** One request, and the answer that it must get. */
export type Exchange = {
  method: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** Text and bytes as they are, anything else as JSON. Its media type is JSON, unless the headers say another. */
  body?: unknown;
  answer: {
    status: number;
    headers?: Readonly<Record<string, string>>;
    /** Takes from the answer's text what it says; without it, the text is read as JSON. */
    read?: (text: string) => unknown;
    /** The content that the answer must have: numbers to 1e-12, lists in full, objects with these members at least. */
    says?: unknown;
  };
};

/** Stands in requests for what no answer may repeat. */
export const echoMarker = 'smoke-test-text';
