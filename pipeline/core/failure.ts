/** What went wrong, in the terms of the exit code that a caller acts on. */
export type FailureKind = 'internal' | 'usage' | 'data' | 'rejected' | 'engine';

export interface FailureDetails {
  /** Stable identifier for machines, in upper snake case: `DATA_HASH_MISMATCH`. */
  code: string;
  /** What failed, where, what was expected and what was found. */
  message: string;
  /** The next thing to do: a command, a flag, an edit. */
  fix: string;
  cause?: unknown;
}

/** Process exit codes of every command. */
export const exitCodes: Record<FailureKind, number> = {
  internal: 1,
  usage: 2,
  data: 3,
  rejected: 4,
  engine: 5,
};

/** An expected failure: it ends the run with `exitCodes[kind]` and prints `message` and `fix`, never a stack. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly code: string;
  readonly fix: string;

  constructor(kind: FailureKind, {code, message, fix, cause}: FailureDetails) {
    super(message, cause === undefined ? undefined : {cause});
    this.name = 'Failure';
    this.kind = kind;
    this.code = code;
    this.fix = fix;
  }
}
