import type { Setting } from './setting.js';

/** What a dishonest owner does. */
export interface Strategy {
  readonly name: string;
  /** In a few words, for the table. */
  readonly description: string;
  readonly setting: Setting;
  /** What changes from one tried commitment to the next: one trigger's randomness, or everything. */
  readonly varies: 'one trigger' | 'everything';
  /** `one answer`: the owner asks the suspect beforehand and takes images that it answers alike. */
  readonly images: 'any' | 'one answer';
  /**
   * How the batch is steered. `receipts`: a puppet judge signs that all others are spent. `aborts`: the owner leaves every
   * session whose challenge he does not like and keeps no record of it.
   */
  readonly steers: 'not' | 'receipts' | 'aborts';
  /** `best`: owner and judge together write the label map after they saw the labels: plain, one-to-one or any other. */
  readonly labelMap: 'plain' | 'best';
  /** What the decision leaves out in the control, where the same owner must win too often. */
  readonly control: Control | undefined;
}

export type Control = 'grinding' | 'suspects' | 'batches' | 'label map' | 'derived labels' | 'all';

const plain = { varies: 'one trigger', images: 'any', steers: 'not', labelMap: 'plain' } as const;
const alone = { batches: 1, tries: 1, suspects: 1 } as const;

/**
 * Settings are chosen so that the decision is nearly tight: where one match fewer would win, the bound would be broken by
 * what the charge is for.
 */
export const strategies: readonly Strategy[] = [
  {
    ...plain,
    name: 'random',
    description: 'commits once and accuses one model',
    setting: { ...alone, classes: 6, batchSize: 8 },
    control: undefined,
  },
  {
    ...plain,
    name: 'grinding',
    description: 'changes one trigger’s randomness 8 times, publishes the luckiest label seed',
    setting: { ...alone, classes: 4, batchSize: 10, tries: 8 },
    control: 'grinding',
  },
  {
    ...plain,
    name: 'commitments',
    description: 'makes 8 commitments from new images, publishes the luckiest',
    setting: { ...alone, classes: 3, batchSize: 12, tries: 8 },
    varies: 'everything',
    control: 'grinding',
  },
  {
    ...plain,
    name: 'batches',
    description: 'declares all batches but the luckiest spent, with a puppet judge’s receipts',
    setting: { ...alone, classes: 3, batchSize: 15, batches: 3 },
    steers: 'receipts',
    control: 'batches',
  },
  {
    ...plain,
    name: 'aborts',
    description: 'leaves every session whose batch loses, and starts again',
    setting: { ...alone, classes: 4, batchSize: 16, batches: 3 },
    steers: 'aborts',
    control: 'batches',
  },
  {
    ...plain,
    name: 'adversarial images',
    description: 'asks the suspect first, commits to images that it answers alike',
    setting: { ...alone, classes: 5, batchSize: 4 },
    images: 'one answer',
    control: 'derived labels',
  },
  {
    ...plain,
    name: 'suspects',
    description: 'tries 8 models, accuses the one that matches best',
    setting: { ...alone, classes: 3, batchSize: 10, suspects: 8 },
    control: 'suspects',
  },
  {
    ...plain,
    name: 'label map',
    description: 'owner and judge write the best of all label maps, whatever kind it is of',
    setting: { ...alone, classes: 4, batchSize: 13 },
    labelMap: 'best',
    control: 'label map',
  },
  {
    ...plain,
    name: 'combination',
    description:
      '4 commitments × 4 suspects, images of one answer, the luckiest batch by receipts, the best label map',
    setting: { classes: 3, batchSize: 12, batches: 3, tries: 4, suspects: 4 },
    varies: 'everything',
    images: 'one answer',
    steers: 'receipts',
    labelMap: 'best',
    control: 'all',
  },
];
