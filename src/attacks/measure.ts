import type { Commitment, HiddenTriggers } from '../commitment/index.js';
import {
  binomialTail,
  chanceOfMatch,
  log2,
  type Policy,
  requireThreshold,
} from '../protocol/index.js';
import { type Dataset, evaluate, predictLabels, type Predictor } from '../training/index.js';
import { decimalText, type Measurement, verdictOf } from './record.js';

/** What models are measured with: test images, and the hidden triggers of a claim. The attacker never sees the latter. */
export interface Yardstick {
  readonly test: Dataset;
  readonly commitment: Commitment;
  readonly triggers: HiddenTriggers;
  /** The judge's: how many matches of a batch prove the claim. */
  readonly policy: Policy;
}

/**
 * Measures a model as a judge would find it: its test accuracy, and for every batch of hidden triggers how many matches a session
 * on that batch would count, with the exact chance of the weakest. `classes` are the model's own: after a transfer not the claim's.
 */
export async function measure(
  predictor: Predictor,
  { test, commitment, triggers, policy, classes }: Yardstick & { readonly classes: number },
): Promise<Measurement> {
  const { parameters, order } = commitment;
  const answers = await predictLabels(predictor, triggers, { classes });
  const matched = new Set(
    triggers.indices.filter((_, place) => answers[place] === triggers.labels[place]),
  );
  const batches = order.batches.map((batch) => batch.filter((index) => matched.has(index)).length);
  const threshold = requireThreshold(parameters, policy);
  const chance = binomialTail({
    trials: parameters.batchSize,
    successes: Math.min(...batches),
    chance: chanceOfMatch(parameters),
  });
  return {
    test: await evaluate(predictor, test, { classes }),
    triggers: { correct: matched.size, total: triggers.labels.length, batches },
    batchSize: parameters.batchSize,
    threshold,
    log2P: decimalText(Math.min(0, Math.round(log2(chance) * 100) / 100)),
    verdict: verdictOf(batches, threshold),
  };
}
