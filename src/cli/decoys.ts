import { type RandomBytes, SeededStream } from '../crypto/index.js';
import { type Dataset, imageAt } from '../training/dataset.js';
import { imagesFromSecret } from '../triggers/index.js';
import type { Decoy } from '../verifier/index.js';

/**
 * Decoys of the two kinds a suspect must not tell from triggers: ordinary images of the task, drawn without repetition
 * as far as they last, and fresh abstract ones, half of each. Abstract ones are drawn as triggers are, in sets of at
 * most `pairs`: within a larger set they would have to differ more than triggers do.
 */
export function makeDecoys({
  ordinary,
  count,
  pairs,
  labelMap,
  random,
}: {
  ordinary: Dataset;
  count: number;
  /** Number of pairs of the commitment. */
  pairs: number;
  /** For each class of the suspect the committed label it stands for; without it the same number. */
  labelMap?: readonly number[] | undefined;
  random: RandomBytes;
}): Decoy[] {
  const { shape, labels } = ordinary;
  const ordinaryCount = Math.min(Math.ceil(count / 2), labels.length);
  const decoys = new SeededStream('veilmark/decoy-choice/1', [random(32)])
    .permutation(labels.length)
    .slice(0, ordinaryCount)
    .map((index): Decoy => {
      const label = answerFor(labels[index], labelMap);
      const image = imageAt(ordinary, index);
      return { image, kind: 'ordinary', ...(label !== undefined && { label }) };
    });
  while (decoys.length < count) {
    const size = Math.min(pairs, count - decoys.length);
    const images = imagesFromSecret({ secret: random(32), count: size, shape });
    decoys.push(...images.map((image): Decoy => ({ image, kind: 'abstract' })));
  }
  return decoys;
}

/** The suspect's right answer for an image of a committed class, if exactly one of its classes stands for that one. */
function answerFor(
  label: number | undefined,
  labelMap: readonly number[] | undefined,
): number | undefined {
  if (labelMap === undefined || label === undefined) return label;
  const answer = labelMap.indexOf(label);
  return answer >= 0 && labelMap.lastIndexOf(label) === answer ? answer : undefined;
}
