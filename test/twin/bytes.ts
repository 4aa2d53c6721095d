/**
 * The twin: a second implementation of docs/spec/, written from those pages with other libraries, and importing nothing
 * of src/. The vectors are made from it, and tests compare the product with it.
 */
import { createHash } from 'node:crypto';

export type Field = Uint8Array | string | number;

/** encodings.md, frames. */
export function frame(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = typeof field === 'number' ? uint64(field) : Buffer.from(field as string);
      return [uint64(bytes.length), bytes];
    }),
  );
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** encodings.md, tagged hashes. */
export function taggedHash(tag: string, fields: readonly Field[]): Buffer {
  return createHash('sha256')
    .update(frame([tag, ...fields]))
    .digest();
}

/** encodings.md, canonical JSON; for values that are known to have such a form. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = value as Record<string, unknown>;
  const keys = Object.keys(members)
    .filter((key) => members[key] !== undefined)
    .sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(members[key])}`).join()}}`;
}

/** encodings.md, sampling: SHAKE-256 of a frame, read from the start on. */
export class Shake {
  readonly #input: Buffer;
  #output = Buffer.alloc(0);
  #at = 0;

  constructor(tag: string, fields: readonly Field[]) {
    this.#input = frame([tag, ...fields]);
  }

  bytes(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#output.length) {
      const hash = createHash('shake256', { outputLength: 2 * end + 1024 });
      this.#output = hash.update(this.#input).digest();
    }
    const taken = this.#output.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  below(bound: number): number {
    for (;;) {
      const draw = this.bytes(8).readBigUInt64BE();
      const remainder = draw % BigInt(bound);
      // The last, incomplete run of `bound` values is thrown away.
      if (draw - remainder + BigInt(bound) <= 1n << 64n) return Number(remainder);
    }
  }

  permutation(length: number): number[] {
    const order = Array.from(Array(length).keys());
    for (let i = length - 1; i >= 1; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
