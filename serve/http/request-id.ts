const sane = /^[A-Za-z0-9._-]{1,128}$/;

/** Keeps the id that the caller sent when it is safe to log and to send back; makes a new one otherwise. */
export function chooseRequestId(sent: string | null | undefined, newRequestId: () => string): string {
  return sent != null && sane.test(sent) ? sent : newRequestId();
}

/**
 * Makes ids that are unique while `prefix` is: a counter behind it, because a random id for each request costs
 * more than the prediction.
 */
export function createRequestIds(prefix: string): () => string {
  let next = 0;
  return () => `${prefix}-${(next++).toString(36)}`;
}
