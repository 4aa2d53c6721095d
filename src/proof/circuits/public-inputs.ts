import type { Instance } from './instances.js';

/** The public inputs of each circuit, in the order of their signals in a proof. All other inputs are private. */
export const publicInputs: Readonly<Record<Instance['circuit'], readonly string[]>> = {
  opening: [
    ...['sessionHead', 'triggerCommitment', 'labelCommitment', 'index', 'seed', 'classes'],
    ...['naturalGiven'],
  ],
  neurons: ['rho', 'offset', 'beta', 'digest', 'sumCommitment'],
  classification: [
    ...['triggerCommitment', 'labelCommitment', 'index', 'seed', 'classes', 'naturalGiven'],
    ...['pixelBeta', 'powers', 'constant', 'logitsDigest', 'sumCommitments', 'matchCommitment'],
  ],
  fold: ['commitments', 'total'],
  threshold: ['commitments', 'least'],
};
