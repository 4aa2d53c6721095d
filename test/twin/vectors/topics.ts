import { ed25519Vectors } from './ed25519.js';
import { commitmentVectors, sealedVectors } from './commitments.js';
import { canonicalJsonVectors, encodingVectors, samplingVectors } from './encodings.js';
import { hashManyVectors, poseidonVectors } from './poseidon.js';
import { imageVectors } from './images.js';
import { labelVectors } from './labels.js';
import { queryVectors } from './queries.js';
import { sessionVectors, transcriptVectors } from './sessions.js';
import { statisticsVectors } from './statistics.js';

/** The files of test/vectors/, each with what makes it. */
export const topics = {
  'canonical-json': canonicalJsonVectors,
  commitment: commitmentVectors,
  ed25519: ed25519Vectors,
  encodings: encodingVectors,
  'hash-many': hashManyVectors,
  image: imageVectors,
  labels: labelVectors,
  poseidon: poseidonVectors,
  queries: queryVectors,
  sampling: samplingVectors,
  sealed: sealedVectors,
  session: sessionVectors,
  statistics: statisticsVectors,
  transcript: transcriptVectors,
} as const satisfies Record<string, () => object>;
