import { deriveSecret, type RandomBytes, SeededStream } from '../crypto/index.js';
import { type Dataset, imageAt } from '../training/dataset.js';
import { abstractImage } from '../triggers/index.js';
import type { Decoy } from '../verifier/index.js';

/**
 * Decoys of the two kinds a suspect must not tell from triggers: ordinary images of the task, drawn without repetition
 * as far as they last, and fresh abstract ones, half of each.
 */
export function makeDecoys({
  ordinary,
  count,
  shape,
  random,
}: {
  ordinary: Dataset;
  count: number;
  shape: Dataset['shape'];
  random: RandomBytes;
}): Decoy[] {
  const secret = random(32);
  const purpose = 'veilmark/decoy/1';
  const ordinaryCount = Math.min(Math.ceil(count / 2), ordinary.labels.length);
  const order = new SeededStream('veilmark/decoy-choice/1', [random(32)])
    .permutation(ordinary.labels.length)
    .slice(0, ordinaryCount);
  return [
    ...order.map((index): Decoy => {
      const label = ordinary.labels[index];
      return {
        image: imageAt(ordinary, index),
        kind: 'ordinary',
        ...(label !== undefined && { label }),
      };
    }),
    ...Array.from({ length: count - ordinaryCount }, (_, index): Decoy => ({
      image: abstractImage({ seed: deriveSecret(secret, { purpose, index }, 32), shape }),
      kind: 'abstract',
    })),
  ];
}
