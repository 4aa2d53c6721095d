import type { KnownAttack } from './report/index.js';

/** The attacks that a reader would ask for: those of Adi et al. 2018 § 5, and the usual ones since. */
export const knownAttacks: readonly KnownAttack[] = [
  { attack: 'ftll', title: 'fine-tuning the last layer' },
  { attack: 'ftal', title: 'fine-tuning all layers' },
  { attack: 'rtll', title: 'retraining the last layer' },
  { attack: 'rtal', title: 'retraining all layers' },
  { attack: 'overwrite', title: 'overwriting with another mark' },
  { attack: 'prune', title: 'pruning' },
  { attack: 'fine-prune', title: 'fine-pruning' },
  { attack: 'quantise', title: 'quantising the weights' },
  { attack: 'noise', title: 'noise on the weights' },
  { attack: 'distil', title: 'distilling into a new model' },
];
