import { ed25519Vectors } from './ed25519.js';
import { canonicalJsonVectors, encodingVectors, samplingVectors } from './encodings.js';
import { hashManyVectors, poseidonVectors } from './poseidon.js';
import { statisticsVectors } from './statistics.js';

/** The files of test/vectors/, each with what makes it. */
export const topics = {
  'canonical-json': canonicalJsonVectors,
  ed25519: ed25519Vectors,
  encodings: encodingVectors,
  'hash-many': hashManyVectors,
  poseidon: poseidonVectors,
  sampling: samplingVectors,
  statistics: statisticsVectors,
} as const satisfies Record<string, () => object>;
