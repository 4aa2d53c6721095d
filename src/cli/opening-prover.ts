import { availableParallelism } from 'node:os';

import { EvidenceError, InputError } from '../base/index.js';
import type { Commitment } from '../commitment/index.js';
import { packagePath } from '../files/index.js';
import { findInstance, openCircuit } from '../proof/circuits/index.js';
import { openingInstance } from '../proof/index.js';
import { openProvingKey } from '../proof/keys/key-folder.js';
import { proveStubbornly } from '../proof/proving/prove-all.js';
import { WorkerPool } from '../proof/workers/index.js';
import type { HiddenProver } from '../prover/index.js';
import { note } from './terminal.js';

/** A prover of hidden pairs that holds processes until it is closed. */
export interface OpenHiddenProver extends HiddenProver {
  close(): Promise<void>;
}

/** Where `setup` puts keys unless told otherwise. */
export const defaultKeyFolder = packagePath('keys');

/**
 * The prover of a commitment's hidden pairs, with the proving key in a folder. Circuit and key are checked against their
 * pinned hashes. Throws `EvidenceError` `proof.instance`; `InputError` `circuit.unknown` where no circuit takes the shape;
 * and as `openCircuit` and `openProvingKey` do.
 */
export async function openHiddenProver(
  { parameters }: Commitment,
  {
    keys = defaultKeyFolder,
    workers = availableParallelism(),
  }: { keys?: string | undefined; workers?: number | undefined },
): Promise<OpenHiddenProver> {
  const circuit = await openCircuit(findInstance(openingInstance(parameters)));
  const key = await openProvingKey(keys, circuit);
  const pool = new WorkerPool({ workers });
  return {
    keyDigest: key.verificationKey.digest,
    prove: async (signals, options) => {
      const proved = await proveStubbornly(signals, { pool, key, ...options });
      return proved.map(({ proof }) => proof);
    },
    close: () => pool.close(),
  };
}

/** The same where a key is at hand; without one, and with no folder named, a judge who asks for proofs is refused. */
export async function findHiddenProver(
  commitment: Commitment,
  options: { keys?: string | undefined; workers?: number | undefined },
): Promise<OpenHiddenProver | undefined> {
  try {
    return await openHiddenProver(commitment, options);
  } catch (error) {
    const known = error instanceof InputError || error instanceof EvidenceError;
    if (!known || options.keys !== undefined) throw error;
    note(`judges who ask for proofs of hidden pairs are refused: ${error.message} [${error.code}]`);
    return undefined;
  }
}
