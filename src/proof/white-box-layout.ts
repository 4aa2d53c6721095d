import { formatShape } from '../base/index.js';
import { EvidenceError } from '../base/index.js';
import { classCount, type Parameters } from '../commitment/index.js';
import type { IntegerNetwork } from '../network/index.js';
import { openingInstance } from './opening-statement.js';
import type { VerificationKey } from './verification-key.js';

/** Circuits of a white box session. `fold` is there only for networks of more blocks than `slots`. */
export const whiteBoxCircuits = ['classification', 'fold', 'neurons', 'threshold'] as const;
export type WhiteBoxCircuit = (typeof whiteBoxCircuits)[number];

/** The verification keys of a session. */
export type WhiteBoxKeys = Readonly<Record<Exclude<WhiteBoxCircuit, 'fold'>, VerificationKey>> & {
  readonly fold?: VerificationKey | undefined;
};

/** Partial sums that the circuit `classification` takes. */
export const slots = 4;
/** Partial sums that one proof of the circuit `fold` adds up. */
export const foldWidth = 16;

/** How the statement about one trigger is dealt into proofs. */
export interface Layout {
  /** Neurons of a block. */
  readonly blockSize: number;
  readonly blocks: number;
  /** Neurons of all blocks, unused ones included. */
  readonly padded: number;
  /** Room for logits. */
  readonly room: number;
  /** For each fold the partial sums that it adds: those of blocks are numbered first, then those of folds. */
  readonly folds: readonly (readonly number[])[];
  /** The partial sums that `classification` takes, at most `slots`. */
  readonly last: readonly number[];
  /** Match bits that the circuit `threshold` takes, unused ones included. */
  readonly batchRoom: number;
}

/**
 * The layout of a network's proofs under some keys, which must be of its circuits. Throws `EvidenceError` `proof.instance`
 * for a key that is not, or for a network that is not of the commitment.
 */
export function layoutOf(
  network: IntegerNetwork,
  parameters: Parameters,
  keys: WhiteBoxKeys,
): Layout {
  const shape = formatShape(parameters.shape);
  if (formatShape(network.shape) !== shape || network.classes !== classCount(parameters)) {
    throw refusal(
      `the network takes ${formatShape(network.shape)} and has ${network.classes} classes, the commitment has ${shape} and ${classCount(parameters)}`,
    );
  }
  const { A, S } = network;
  const blockSize = sizeIn(keys.neurons, new RegExp(`^neurons-${A}-${S}-(\\d{1,6})$`), {
    wanted: `neurons-${A}-${S}-N`,
    publics: (size) => size + 4,
  });
  const instance = openingInstance(parameters).replace('opening', 'classification');
  const pixels = parameters.shape.height * parameters.shape.width * parameters.shape.channels;
  const room = sizeIn(keys.classification, new RegExp(`^${instance.replace(/\d+$/, '')}(\\d+)$`), {
    wanted: instance,
    publics: (classes) => 6 + pixels + classes + 2 + slots + 1,
  });
  const batchRoom = sizeIn(keys.threshold, /^threshold-(\d{1,6})$/, {
    wanted: `threshold-N with N of at least ${parameters.batchSize}`,
    publics: (size) => size + 1,
  });
  if (batchRoom < parameters.batchSize || room < network.classes) {
    throw refusal(
      `${keys.threshold.instance} or ${keys.classification.instance} has too little room for ${parameters.batchSize} triggers of ${network.classes} classes`,
    );
  }
  const blocks = Math.ceil(network.neurons / blockSize);
  const { folds, last } = foldsOf(blocks);
  if (folds.length > 0 !== (keys.fold !== undefined)) {
    throw refusal(
      `a network of ${blocks} blocks needs ${folds.length > 0 ? 'a' : 'no'} key of fold-${foldWidth}`,
    );
  }
  if (keys.fold) {
    sizeIn(keys.fold, /^fold-(16)$/, { wanted: `fold-${foldWidth}`, publics: (size) => size + 1 });
  }
  return { blockSize, blocks, padded: blocks * blockSize, room, folds, last, batchRoom };
}

/** Adds partial sums up until `classification` can take what is left. */
export function foldsOf(blocks: number): Pick<Layout, 'folds' | 'last'> {
  const folds: number[][] = [];
  let last = Array.from({ length: blocks }, (_, block) => block);
  while (last.length > slots) {
    const next: number[] = [];
    for (let start = 0; start < last.length; start += foldWidth) {
      const group = last.slice(start, start + foldWidth);
      const [only = 0] = group;
      next.push(group.length === 1 ? only : blocks + folds.push(group) - 1);
    }
    last = next;
  }
  return { folds, last };
}

/** How many proofs one trigger takes. */
export function proofsPerTrigger({ blocks, folds }: Layout): number {
  return blocks + folds.length + 1;
}

function sizeIn(
  { instance, ic }: VerificationKey,
  name: RegExp,
  { wanted, publics }: { wanted: string; publics: (size: number) => number },
): number {
  const size = Number(name.exec(instance)?.[1]);
  if (size > 0 && ic.length === publics(size) + 1) return size;
  throw refusal(`the key is of the circuit ${instance}, this session needs ${wanted}`);
}

function refusal(message: string): EvidenceError {
  return new EvidenceError({
    code: 'proof.instance',
    message,
    hint: 'use keys of this version’s circuits that fit the network (veilmark network info)',
  });
}
