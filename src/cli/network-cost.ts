import { formatShape } from '../base/index.js';
import type { IntegerNetwork } from '../network/index.js';
import {
  type CircuitManifest,
  listInstances,
  readCircuitManifest,
} from '../proof/circuits/index.js';
import { foldsOf, foldWidth } from '../proof/index.js';

/** What the proofs about one trigger take with one instance of the circuit `neurons`. */
export interface TriggerCost {
  /** Name of the instance. */
  readonly neurons: string;
  readonly blockSize: number;
  readonly blocks: number;
  readonly folds: number;
  /** Proofs of the trigger, and constraints of them and of its share of the threshold's proof. */
  readonly proofs: number;
  readonly constraints: number;
}

/** Triggers of a batch, between which the cost of the circuit `threshold` is shared. */
const batchSize = 40;

/**
 * What a trigger of a network costs with each instance of `neurons` for its bits, the cheapest first. Nothing where no circuit is
 * there for its bits, its images or its classes.
 */
export async function triggerCosts(network: IntegerNetwork): Promise<TriggerCost[]> {
  const { circuits } = await readCircuitManifest();
  const classification = classificationCost(network, circuits);
  const threshold = circuits[`threshold-${batchSize}`]?.constraints ?? 0;
  const fold = circuits[`fold-${foldWidth}`]?.constraints ?? 0;
  if (classification === undefined) return [];
  return listInstances()
    .flatMap(({ name }): TriggerCost[] => {
      const blockSize = blockSizeOf(name, network);
      const each = circuits[name]?.constraints;
      if (blockSize === undefined || each === undefined) return [];
      const blocks = Math.ceil(network.neurons / blockSize);
      const folds = foldsOf(blocks).folds.length;
      const share = Math.ceil(threshold / batchSize);
      const constraints = blocks * each + folds * fold + classification + share;
      return [{ neurons: name, blockSize, blocks, folds, proofs: blocks + folds + 1, constraints }];
    })
    .sort((a, b) => a.constraints - b.constraints);
}

/** Neurons of a block, of an instance for a network's bits. */
function blockSizeOf(name: string, { A, S }: IntegerNetwork): number | undefined {
  const size = Number(new RegExp(`^neurons-${A}-${S}-(\\d{1,6})$`).exec(name)?.[1]);
  return size > 0 ? size : undefined;
}

/** Constraints of the smallest `classification` with room for the classes. */
function classificationCost(
  { shape, classes }: IntegerNetwork,
  circuits: CircuitManifest['circuits'],
): number | undefined {
  const name = new RegExp(`^classification-${formatShape(shape)}-(\\d{1,6})$`);
  const costs = Object.entries(circuits).flatMap(([instance, { constraints }]) =>
    Number(name.exec(instance)?.[1] ?? 0) >= classes ? [constraints] : [],
  );
  return costs.length === 0 ? undefined : Math.min(...costs);
}
