import { batchCount, type Parameters } from '../commitment/index.js';
import {
  binomialTail,
  chanceOfMatch,
  defaultPolicy,
  leastNullModels,
  log2,
  plainMapCharge,
  type Policy,
  requireThreshold,
  threshold,
} from '../protocol/index.js';
import { duration, percent } from './terminal.js';

/** What a policy means for commitments of these parameters, a line for each thing. Throws `EvidenceError` `policy.unwinnable`. */
export function explainPolicy(policy: Policy, parameters: Parameters): string[] {
  const { batchSize, labelMode } = parameters;
  const needed = requireThreshold(parameters, policy);
  const batches = batchCount(parameters);
  const chance = chanceOfMatch(parameters);
  const bits = log2(binomialTail({ trials: batchSize, successes: needed, chance }));
  const mapBits = Math.log2(Number(plainMapCharge));
  const allowed = policy.grindingBits + policy.suspectBits + Math.log2(batches) + mapBits;
  const lines = [
    `T = ${needed}: a claim wins with ${needed} of the ${batchSize} triggers of a batch, or more`,
    `by chance alone, 1 in ${chance.denominator} a trigger, so many match with probability 2^${bits.toFixed(1)}`,
    `allowances: ${policy.grindingBits} bits for trying label seeds, ${policy.suspectBits} for trying suspects, ${Math.log2(batches).toFixed(1)} for ${batches} batches, ${mapBits} for a plain label map (more for another)`,
    `with them a false claim wins with probability at most 2^${(bits + allowed).toFixed(1)}; the policy asks for 2^-${policy.alphaBits}`,
    `the paper’s rule, reported beside: at most ${Math.floor((policy.epsilonPpm * batchSize) / 1e6)} of ${batchSize} may mismatch`,
    `${policy.decoysPerTrigger * batchSize} decoys; under ${percent(policy.minimumDecoyAccuracyPpm, 1e6)} right a lost claim is inconclusive`,
    `hidden pairs proven well-formed: ${policy.hiddenProofs}; ${duration(policy.deadlineSeconds)} for a message`,
    ...aboutNulls(policy, labelMode),
  ];
  const usual = threshold(parameters, defaultPolicy);
  if (usual === undefined || usual > needed) {
    lines.push(
      `weaker than the default policy, which asks for ${usual ?? 'more than a batch holds'}: who verifies with that finds fewer matches inconclusive (policy.weak)`,
    );
  }
  return lines;
}

function aboutNulls({ nullModels, nullPpm }: Policy, labelMode: Parameters['labelMode']): string[] {
  const level = percent(nullPpm, 1e6);
  if (labelMode === 'derived') {
    return nullModels === 0
      ? ['null models: none are demanded']
      : [
          `at least ${nullModels} null models; where one matches more often than chance does with probability ${level}, a win is inconclusive (nulls.match)`,
        ];
  }
  return [
    `the owner chose the labels, so that the chance above bounds nothing: it is raised to what at least ${Math.max(nullModels, leastNullModels)} null models show (level ${level}), and a win is at most inconclusive`,
  ];
}
