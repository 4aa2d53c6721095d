/**
 * Every failure that a user can meet carries a stable code, a sentence, and, where there is one, the next thing to do.
 *
 * Three classes, because their readers differ: malformed or unusable input (`InputError`), evidence that does not hold
 * (`EvidenceError`), and a resource or peer outside the program that failed (`EnvironmentError`).
 */
export interface ErrorDetails {
  /** Stable, dotted, lower case, e.g. `commitment.signature`. */
  readonly code: string;
  /** What is wrong, naming the thing. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** Base of the coded errors; never thrown itself. */
export abstract class VeilmarkError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor({ code, message, hint, cause }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }
}

/** The caller's input cannot be used: malformed bytes, an option out of range, a shape that does not fit. */
export class InputError extends VeilmarkError {}

/** Well-formed evidence is false: a signature, an opening or a computed value does not verify. */
export class EvidenceError extends VeilmarkError {}

/** Something outside the program failed: a disk, a socket, a peer, a suspect's endpoint. */
export class EnvironmentError extends VeilmarkError {}

/** Closes a `switch` over a union: the compiler proves that no value gets here. */
export function unreachable(value: never): Error {
  return new Error(`a case that cannot happen: ${JSON.stringify(value)}`);
}
