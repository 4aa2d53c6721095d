import { hexBytes } from '../base/index.js';
import type { Commitment } from '../commitment/index.js';
import {
  decodeTranscript,
  helloKey,
  type Openings,
  type SessionRecord,
} from '../protocol/index.js';
import { findInstance, openCircuit } from '../proof/circuits/index.js';
import { decodeProof, openingInputs, openingInstance, verifyProofs } from '../proof/index.js';
import { keyPaths, readVerificationKey } from '../proof/keys/key-folder.js';
import { WorkerPool } from '../proof/workers/index.js';
import type { HiddenProver } from '../prover/index.js';
import { openHiddenProver } from './opening-prover.js';

/** A prover of hidden pairs that knows how long it worked. */
export interface DemoProver extends HiddenProver {
  /** The verification key file. */
  readonly key: Uint8Array;
  seconds(): number;
  close(): Promise<void>;
}

/** Makes development keys for a commitment in a folder, and opens the prover with them. */
export async function openDemoProver(commitment: Commitment, folder: string): Promise<DemoProver> {
  const name = openingInstance(commitment.parameters);
  const circuit = await openCircuit(findInstance(name));
  const pool = new WorkerPool();
  try {
    const { setupDev } = await import('../proof/keys/setup.js');
    await setupDev({ circuit, folder, pool });
  } finally {
    await pool.close();
  }
  const { bytes } = await readVerificationKey(keyPaths(folder, name).key);
  const prover = await openHiddenProver(commitment, { keys: folder });
  let seconds = 0;
  return {
    ...prover,
    key: bytes,
    seconds: () => seconds,
    prove: async (signals, options) => {
      const started = performance.now();
      const proofs = await prover.prove(signals, options);
      seconds += (performance.now() - started) / 1000;
      return proofs;
    },
  };
}

/** Verifies the hidden proofs of a record once more, on their own: how many there are, and in how many seconds. */
export function measureHiddenProofs(
  { session, transcript }: SessionRecord,
  commitment: Commitment,
): { proven: number; verifySeconds: number } {
  const { messages } = decodeTranscript(transcript);
  const openings = messages.find(({ type }) => type === 'openings');
  const reached = session.phase === 'aborted' ? session.before : session;
  if (!openings || !('challengeHead' in reached)) return { proven: 0, verifySeconds: 0 };
  const { hidden } = JSON.parse(new TextDecoder().decode(openings.payload)) as Openings;
  const started = performance.now();
  verifyProofs({
    key: helloKey(reached.judgeHello.openingKey),
    statements: hidden.map(({ index, proof }) => ({
      proof: decodeProof(hexBytes(proof, 256)),
      inputs: openingInputs(commitment, index, reached.challengeHead),
    })),
  });
  const verifySeconds = Math.round(performance.now() - started) / 1000;
  return { proven: hidden.length, verifySeconds };
}
