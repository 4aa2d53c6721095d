import { equalBytes } from '../../src/base/index.js';

/** A parser or a state machine that strangers can reach, and how to feed it. */
export interface FuzzTarget {
  readonly name: string;
  /** Sound inputs, made by the product's own code where it writes the format, so that they follow its changes. */
  seeds(): Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  /**
   * Feeds one input. Says in a few words what was made of it, or throws a `VeilmarkError`; every other error is a defect, also
   * those that this function throws itself when an answer breaks a promise.
   */
  run(input: Uint8Array): Promise<string> | string;
  /** Random inputs in the short run of `npm test`; fewer where one takes long. */
  readonly quick?: number;
}

/** Refuses what was accepted although its canonical form is another. */
export function mustEncodeAs(input: Uint8Array, encoded: Uint8Array): void {
  if (!equalBytes(input, encoded)) {
    throw new Error(
      `accepted, but it encodes otherwise: ${Buffer.from(encoded).toString('latin1').slice(0, 200)}`,
    );
  }
}

export const text = new TextEncoder();
export const readable = new TextDecoder();

/** A JSON value of any spelling, for readers that take values. Not JSON: `undefined`. */
export function jsonFrom(input: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(readable.decode(input)) as unknown };
  } catch {
    return undefined;
  }
}

/** The bytes of a value as JSON. */
export function jsonSeed(value: unknown): Uint8Array {
  return text.encode(JSON.stringify(value));
}
