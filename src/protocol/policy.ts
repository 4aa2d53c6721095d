import { Type, type Static } from 'typebox';

import { checkSchema, EvidenceError } from '../base/index.js';
import { batchCount, classCount, type Parameters } from '../commitment/index.js';
import { plainMapCharge } from './label-map.js';
import { atMostPowerOfTwo, binomialTail, type Fraction, leastSuccesses } from './statistics.js';

const bits = Type.Integer({ minimum: 0, maximum: 256 });
const keyDigest = Type.String({ pattern: '^([0-9a-f]{64})?$' });
const partsPerMillion = Type.Integer({ minimum: 0, maximum: 1_000_000 });

/** What the judge demands, fixed and bound by the session's first message before the suspect is asked. */
export const Policy = Type.Object(
  {
    /** `proved` needs a chance of a false claim of at most 2^−alphaBits, allowances included. */
    alphaBits: Type.Integer({ minimum: 1, maximum: 256 }),
    /** Longest answer of the suspect that is read and kept whole, in bytes, before any decompression. */
    answerBytes: Type.Integer({ minimum: 1024, maximum: 2 ** 26 }),
    /** Significance of each control of the suspect: how often a well-behaved one may fail it. */
    controlPpm: partsPerMillion,
    /** Seconds that a party may take for one message. */
    deadlineSeconds: Type.Integer({ minimum: 1, maximum: 7 * 24 * 3600 }),
    /** Ordinary and abstract decoys for each trigger. */
    decoysPerTrigger: Type.Integer({ minimum: 0, maximum: 1000 }),
    /** The paper's own rule, reported beside: at most ε·n mismatches. */
    epsilonPpm: partsPerMillion,
    /** Bits allowed for grinding the label seed. */
    grindingBits: bits,
    /** Of how many pairs that stay hidden the owner proves, in zero knowledge, that they are well-formed. */
    hiddenProofs: Type.Union([
      Type.Literal('none'),
      Type.Integer({ minimum: 1, maximum: 20_000 }),
      Type.Literal('all'),
    ]),
    /** Below this accuracy on ordinary decoys a lost claim is inconclusive: the suspect was asked wrongly. */
    minimumDecoyAccuracyPpm: partsPerMillion,
    /** In white box mode, the least agreement of the integer network with the float model on the judge's images. */
    minimumFidelityPpm: partsPerMillion,
    /** Below this agreement on decoys asked twice a lost claim is inconclusive: the suspect answers at random. */
    minimumRepeatAgreementPpm: partsPerMillion,
    /** Least number of null models that the judge asks; with chosen labels never fewer than ten. */
    nullModels: Type.Integer({ minimum: 0, maximum: 1000 }),
    /** Level of the test that null models match more often than chance allows, and of the bound on how often they do. */
    nullPpm: Type.Integer({ minimum: 1, maximum: 500_000 }),
    /** Digest of the only verification key for those proofs; empty where none are asked. */
    openingKey: keyDigest,
    /** Seconds that the suspect may take for one request. */
    querySeconds: Type.Integer({ minimum: 1, maximum: 3600 }),
    /** Decoys that are asked twice. */
    repeats: Type.Integer({ minimum: 0, maximum: 10_000 }),
    /** How often a request is repeated that found no suspect, or a busy one. */
    retries: Type.Integer({ minimum: 0, maximum: 20 }),
    /** Bits allowed for having tried other suspects before. */
    suspectBits: bits,
    /** Digests of the only verification keys for white box mode, by circuit; `fold` is empty where a network needs none. */
    whiteBoxKeys: Type.Object(
      { classification: keyDigest, fold: keyDigest, neurons: keyDigest, threshold: keyDigest },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type Policy = Static<typeof Policy>;

export const defaultPolicy: Policy = {
  alphaBits: 40,
  answerBytes: 4_194_304,
  controlPpm: 1000,
  deadlineSeconds: 120,
  decoysPerTrigger: 10,
  epsilonPpm: 100_000,
  grindingBits: 40,
  hiddenProofs: 'none',
  minimumDecoyAccuracyPpm: 500_000,
  minimumFidelityPpm: 990_000,
  minimumRepeatAgreementPpm: 950_000,
  nullModels: 0,
  nullPpm: 1000,
  openingKey: '',
  querySeconds: 15,
  repeats: 20,
  retries: 3,
  suspectBits: 20,
  whiteBoxKeys: { classification: '', fold: '', neurons: '', threshold: '' },
};

/** Reads a policy. Throws `InputError` `policy.format`. */
export function checkPolicy(value: unknown): Policy {
  return checkSchema({ value, schema: Policy, what: 'policy', code: 'policy.format' });
}

/**
 * p0, the largest chance with which a trigger's derived label can match a model fixed without the label seed: 1/K when
 * no image has a natural class, else 1/(K − 1).
 */
export function chanceOfMatch(parameters: Parameters): Fraction {
  const classes = classCount(parameters) - (parameters.natural === 'none' ? 0 : 1);
  return { numerator: 1n, denominator: BigInt(classes) };
}

/** What a chance is charged with: `chance × factor ≤ 2^−bits` is what proves a claim. */
export interface Allowances {
  readonly factor: bigint;
  readonly bits: number;
}

/**
 * Every allowance, each entering once: the batches among which the parties could steer and the charge for the label map, which one
 * could have chosen (`labelMapCharge`), as factors; α, grinding of the label seed and suspects tried in bits.
 */
export function allowancesOf(
  parameters: Parameters,
  { alphaBits, grindingBits, suspectBits }: Policy,
  mapCharge = plainMapCharge,
): Allowances {
  return {
    factor: BigInt(batchCount(parameters)) * mapCharge,
    bits: alphaBits + grindingBits + suspectBits,
  };
}

/** Whether k matches of the batch prove the claim: p-value × allowances ≤ 2^−alphaBits, exactly. */
export function isSignificant(
  parameters: Parameters,
  policy: Policy,
  matches: number,
  mapCharge = plainMapCharge,
): boolean {
  const chance = chanceOfMatch(parameters);
  const tail = binomialTail({ trials: parameters.batchSize, successes: matches, chance });
  const { factor, bits } = allowancesOf(parameters, policy, mapCharge);
  return atMostPowerOfTwo(tail, factor, bits);
}

/** T, the smallest number of matches that proves a claim, or undefined when none does. */
export function threshold(
  parameters: Parameters,
  policy: Policy,
  mapCharge = plainMapCharge,
  chance: Fraction = chanceOfMatch(parameters),
): number | undefined {
  const allowances = allowancesOf(parameters, policy, mapCharge);
  return leastSuccesses({ trials: parameters.batchSize, chance, ...allowances });
}

/** T, for parameters that can win. Throws `EvidenceError` `policy.unwinnable` for those that cannot. */
export function requireThreshold(
  parameters: Parameters,
  policy: Policy,
  mapCharge = plainMapCharge,
): number {
  const needed = threshold(parameters, policy, mapCharge);
  if (needed !== undefined) return needed;
  if (mapCharge !== plainMapCharge && threshold(parameters, policy) !== undefined)
    throw unwinnableMap();
  const { alphaBits, grindingBits, suspectBits } = policy;
  throw new EvidenceError({
    code: 'policy.unwinnable',
    message:
      `a batch of ${parameters.batchSize} triggers over ${classCount(parameters)} classes can never win: even if all ` +
      `match, chance is above 2^-${alphaBits} after ${grindingBits} + ${suspectBits} bits of allowances`,
    hint: `use larger batches (at least ${smallestBatch(parameters, policy)} here)`,
  });
}

function unwinnableMap(): EvidenceError {
  return new EvidenceError({
    code: 'policy.label-map',
    message:
      'with this label map no claim can win: among so many possible maps one that fits would be found for any model',
    hint: 'let each class of the suspect stand for the committed class of the same number, or for none (-1)',
  });
}

/** The smallest batch with which a claim could win, other parameters as they are. */
export function smallestBatch(parameters: Parameters, policy: Policy): number {
  const batches = batchCount(parameters);
  let batchSize = 1;
  while (
    !isSignificant({ ...parameters, batchSize, hidden: batchSize * batches }, policy, batchSize)
  ) {
    batchSize++;
  }
  return batchSize;
}
