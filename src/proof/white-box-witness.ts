import { type Commitment, type Opening, openLabel } from '../commitment/index.js';
import { fieldOrder, hashMany } from '../crypto/index.js';
import {
  type Activations,
  classOf,
  type IntegerNetwork,
  runNetwork,
  unusedLogit,
} from '../network/index.js';
import { foldWidth, type Layout, slots } from './white-box-layout.js';
import {
  classificationPublics,
  commitMatch,
  commitSum,
  foldPublics,
  neuronsPublics,
  type Point,
  type PublicTrigger,
  thresholdPublics,
} from './white-box-statement.js';

/** Uniform field elements that hide what is committed, one for each name; secret. */
export type Salts = (name: string) => bigint;

/** What an owner knows of one trigger in a session. Secret. */
export interface TriggerWitness {
  readonly opening: Opening;
  readonly match: 0n | 1n;
  /** For every neuron, unused ones included: q as a field element, and rem. */
  readonly q: readonly bigint[];
  readonly rem: readonly bigint[];
  /** Field elements, unused ones included. */
  readonly logits: readonly bigint[];
  readonly salts: Salts;
}

/** Runs the network on a trigger. Where a value leaves its range it is cut off: then the trigger does not match. */
export function triggerWitness(
  network: IntegerNetwork,
  commitment: Commitment,
  { opening, layout, salts }: { opening: Opening; layout: Layout; salts: Salts },
): TriggerWitness {
  const activations: Activations = runNetwork(network, opening.image);
  const isMatch = classOf(activations) === openLabel(commitment, opening);
  const edge = 2 ** network.A;
  const unused = new Array<bigint>(layout.padded - network.neurons).fill(0n);
  const logits = Array.from(activations.logits, (logit) => field(BigInt(logit)));
  while (logits.length < layout.room) logits.push(field(unusedLogit));
  return {
    opening,
    match: isMatch ? 1n : 0n,
    q: [
      ...Array.from(activations.q, (q) => field(BigInt(Math.min(Math.max(q, -edge), edge - 1)))),
      ...unused,
    ],
    rem: [...Array.from(activations.rem, BigInt), ...unused],
    logits,
    salts,
  };
}

/** The salted digests that are said before the point is known. */
export function digestsOf(
  { A, S }: IntegerNetwork,
  { blocks, blockSize }: Layout,
  witness: TriggerWitness,
): Pick<PublicTrigger, 'neurons' | 'logits'> {
  const width = BigInt(A + 1 + S);
  const perLimb = Math.floor(253 / (A + 1 + S));
  const [unit, lift] = [1n << BigInt(S), 1n << BigInt(A + S)];
  const neurons = Array.from({ length: blocks }, (_, block) => {
    const limbs: bigint[] = [];
    for (let j = 0; j < blockSize; j++) {
      const at = block * blockSize + j;
      const packed = signed(witness.q[at] ?? 0n) * unit + (witness.rem[at] ?? 0n) + lift;
      const limb = Math.floor(j / perLimb);
      limbs[limb] = (limbs[limb] ?? 0n) + (packed << (width * BigInt(j % perLimb)));
    }
    return hashMany('veilmark/neurons/1', [witness.salts(`neurons/${block}`), ...limbs]);
  });
  const logits = hashMany('veilmark/logits/1', [witness.salts('logits'), ...witness.logits]);
  return { neurons, logits };
}

/** A trigger with everything that its proofs need. */
export interface ProvenTrigger {
  readonly witness: TriggerWitness;
  readonly publics: PublicTrigger;
  /** Partial sums, those of blocks first, then those of folds. */
  readonly sums: readonly bigint[];
}

/** Commits to the partial sums at the point and to the match bit. */
export function atPoint(
  network: IntegerNetwork,
  { layout, point, witness }: { layout: Layout; point: Point; witness: TriggerWitness },
): ProvenTrigger {
  const sums = partialSums(network, layout, point, witness);
  const digests = digestsOf(network, layout, witness);
  return {
    witness,
    sums,
    publics: {
      index: witness.opening.index,
      ...digests,
      sums: sums.map((sum, i) => commitSum(sum, witness.salts(`sum/${i}`))),
      match: commitMatch(witness.match, witness.salts('match')),
    },
  };
}

function partialSums(
  { S }: IntegerNetwork,
  layout: Layout,
  { rho, projection }: Point,
  { q, rem }: TriggerWitness,
): bigint[] {
  const unit = 1n << BigInt(S);
  const sums: bigint[] = [];
  let power = 1n;
  for (let block = 0; block < layout.blocks; block++) {
    let sum = 0n;
    for (let j = block * layout.blockSize; j < (block + 1) * layout.blockSize; j++) {
      const quotient = signed(q[j] ?? 0n);
      sum += power * (quotient * unit + (rem[j] ?? 0n));
      if (quotient > 0n) sum -= (projection.outputs[j] ?? 0n) * quotient;
      power = (power * rho) % fieldOrder;
    }
    sums.push(field(sum));
  }
  for (const inputs of layout.folds) {
    sums.push(field(inputs.reduce((sum, input) => sum + (sums[input] ?? 0n), 0n)));
  }
  return sums;
}

/** All inputs of the circuit `neurons` for a block. */
export function neuronsSignals(
  trigger: ProvenTrigger,
  layout: Layout,
  point: Point,
  block: number,
) {
  const { q, rem, salts } = trigger.witness;
  const [start, end] = [block * layout.blockSize, (block + 1) * layout.blockSize];
  return {
    ...neuronsPublics(point, layout, trigger.publics, block),
    q: q.slice(start, end),
    rem: rem.slice(start, end),
    digestSalt: salts(`neurons/${block}`),
    sumSalt: salts(`sum/${block}`),
  };
}

/** All inputs of the circuit `fold`. */
export function foldSignals(trigger: ProvenTrigger, layout: Layout, fold: number) {
  const { salts } = trigger.witness;
  const inputs = layout.folds[fold] ?? [];
  const fill = (values: bigint[]): bigint[] => [
    ...values,
    ...new Array<bigint>(foldWidth - values.length).fill(0n),
  ];
  return {
    ...foldPublics(layout, trigger.publics, fold),
    sums: fill(inputs.map((sum) => trigger.sums[sum] ?? 0n)),
    salts: fill(inputs.map((sum) => salts(`sum/${sum}`))),
    totalSalt: salts(`sum/${layout.blocks + fold}`),
  };
}

/** All inputs of the circuit `classification`. */
export function classificationSignals(
  trigger: ProvenTrigger,
  commitment: Commitment,
  layout: Layout,
  point: Point,
) {
  const { opening, match, logits, salts } = trigger.witness;
  const fill = (values: bigint[]): bigint[] => [
    ...values,
    ...new Array<bigint>(slots - values.length).fill(0n),
  ];
  return {
    ...classificationPublics(commitment, point, layout, trigger.publics),
    pixels: Array.from(opening.image.pixels, BigInt),
    natural: BigInt(opening.natural),
    r: opening.r,
    match,
    logits,
    logitsSalt: salts('logits'),
    sums: fill(layout.last.map((sum) => trigger.sums[sum] ?? 0n)),
    sumSalts: fill(layout.last.map((sum) => salts(`sum/${sum}`))),
    matchSalt: salts('match'),
  };
}

/** All inputs of the circuit `threshold`. */
export function thresholdSignals(
  triggers: readonly ProvenTrigger[],
  layout: Layout,
  least: number,
) {
  const fill = (values: bigint[]): bigint[] => [
    ...values,
    ...new Array<bigint>(layout.batchRoom - values.length).fill(0n),
  ];
  const matches = triggers.map(({ publics }) => publics.match);
  return {
    ...thresholdPublics(layout, matches, least),
    matches: fill(triggers.map(({ witness }) => witness.match)),
    salts: fill(triggers.map(({ witness }) => witness.salts('match'))),
  };
}

function field(value: bigint): bigint {
  const rest = value % fieldOrder;
  return rest < 0n ? rest + fieldOrder : rest;
}

function signed(element: bigint): bigint {
  return element > fieldOrder / 2n ? element - fieldOrder : element;
}
