import type { Attack } from './attack.js';
import { adversarialTraining } from './kinds/adversarial-training.js';
import { distillation, extraction } from './kinds/extraction.js';
import { fineTunings, labelSmoothing, transfer } from './kinds/fine-tuning.js';
import { inputTransforms } from './kinds/input-transforms.js';
import { neuralCleanse } from './kinds/neural-cleanse.js';
import { overwriting } from './kinds/overwriting.js';
import { finePruning, pruning } from './kinds/pruning.js';
import { sequenceOf } from './kinds/sequence.js';
import type { KnownAttack } from './report/index.js';
import { quantisation, weightNoise, weightShifting } from './kinds/weight-changes.js';

const single: readonly Attack[] = [
  ...fineTunings,
  labelSmoothing,
  adversarialTraining,
  transfer,
  pruning,
  finePruning,
  quantisation,
  weightNoise,
  weightShifting,
  overwriting,
  distillation,
  extraction,
  neuralCleanse,
  inputTransforms,
];

/** Every removal attack, in the order of `attack --help` and of reports. */
export const attacks: readonly Attack[] = [...single, sequenceOf(single)];

/** The attacks that a reader would ask for: those here, and those of the literature that are not. */
export const knownAttacks: readonly KnownAttack[] = [
  ...attacks.map(({ name, title }) => ({ attack: name, title })),
  {
    attack: 'refit',
    title: 'REFIT: elastic weight consolidation and unlabelled data (Chen et al. 2021)',
  },
  { attack: 'adaptive', title: 'training against pictures of the same generator as the triggers' },
  {
    attack: 'query-filter',
    title: 'an interface that detects trigger queries and answers them otherwise',
  },
];
