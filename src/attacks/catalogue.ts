import type { Attack } from './attack.js';
import { adversarialTraining } from './kinds/adversarial-training.js';
import { distillation, extraction } from './kinds/extraction.js';
import { fineTunings, labelSmoothing, transfer } from './kinds/fine-tuning.js';
import { inputTransforms } from './kinds/input-transforms.js';
import { neuralCleanse } from './kinds/neural-cleanse.js';
import { overwriting } from './kinds/overwriting.js';
import { finePruning, pruning } from './kinds/pruning.js';
import { sequenceOf } from './kinds/sequence.js';
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

/** Attacks of the literature that are not here, for the report's readers. */
export const notTried: readonly string[] = [
  'REFIT (Chen et al. 2021): fine-tuning with elastic weight consolidation and unlabelled data',
  'Adaptive attacks that know the trigger generator and train against its pictures',
  'Feature permutation, weight fusion and other rearrangements that leave the function as it is',
  'Detection of trigger queries at the interface, and answers that depend on it',
];
