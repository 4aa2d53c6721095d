import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { BytesInVector } from '../twin/vectors/case.js';
import type { topics } from '../twin/vectors/topics.js';

type Topics = typeof topics;

/** The vectors of one topic, from test/vectors/. */
export function vectors<T extends keyof Topics>(topic: T): ReturnType<Topics[T]> {
  const path = join(import.meta.dirname, '..', 'vectors', `${topic}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as ReturnType<Topics[T]>;
}

export function bytesOf(vector: BytesInVector): Uint8Array {
  return new Uint8Array(
    'text' in vector ? Buffer.from(vector.text) : Buffer.from(vector.hex, 'hex'),
  );
}

export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}
