import { join } from 'node:path';

import type { Commitment, Mark } from '../commitment/index.js';
import { type KeyPair, systemRandom } from '../crypto/index.js';
import { writeFileAtomic } from '../files/index.js';
import { findInstance, openCircuit, readCircuitManifest } from '../proof/circuits/index.js';
import { layoutOf, openingInstance } from '../proof/index.js';
import { defaultPolicy, log2, pValueOf, type SessionRecord } from '../protocol/index.js';
import { FileLedger, FileWhiteBoxLedger, runOwner } from '../prover/index.js';
import { WorkerPool } from '../proof/workers/index.js';
import type { BackendChoice } from '../training/backend.js';
import { imageAt, type Dataset } from '../training/dataset.js';
import { measureFidelity, quantiseFolder } from '../training/integer-network.js';
import { loadModelFolder } from '../training/loaded-model.js';
import { memoryChannels } from '../transport/index.js';
import { runWhiteBoxJudge, verifyTranscript } from '../verifier/index.js';
import { calibrationImages } from './calibration.js';
import { describeModel } from '../suspect/tfjs.js';
import { networkBeside } from './network-file.js';
import { Progress } from './progress.js';
import { summarise } from './summary.js';
import { note } from './terminal.js';
import { findWhiteBoxKeys, withKeys } from './white-box-keys.js';
import { openWhiteBoxProver } from './white-box-prover.js';

/** Bits of an output and of a remainder. */
const bits = { A: 10, S: 10 };

/** Makes the development keys that the demo's white box sessions need, beside those that are there. */
export async function makeWhiteBoxKeys({ parameters }: Commitment, folder: string): Promise<void> {
  const classification = openingInstance(parameters).replace('opening', 'classification');
  const pool = new WorkerPool();
  try {
    const { setupDev } = await import('../proof/keys/setup.js');
    for (const name of ['neurons-10-10-1068', classification, 'fold-16', 'threshold-40']) {
      await setupDev({ circuit: await openCircuit(findInstance(name)), folder, pool });
    }
  } finally {
    await pool.close();
  }
}

/** A white box session of the demo, with what it cost. */
export interface DemoWhiteBox {
  readonly record: SessionRecord;
  readonly fidelity: number;
  /** Of one trigger. */
  readonly blocks: number;
  readonly constraints: number;
  readonly proveSeconds: number;
  readonly verifySeconds: number;
  readonly isVerified: boolean;
}

/** One white box session against a model folder: the owner approves its network, proves or declines, the transcript is verified. */
export async function runWhiteBoxSession({
  suspect,
  transcript,
  claim: { commitment, mark },
  owner,
  judge,
  ledger,
  task,
  test,
  backend,
  keys: keyFolder,
}: {
  suspect: string;
  transcript: string;
  claim: { commitment: Commitment; mark: Mark };
  owner: KeyPair;
  judge: KeyPair;
  ledger: string;
  /** On whose images the network is calibrated, and on whose it is compared with the model. */
  task: Dataset;
  test: Dataset;
  backend: BackendChoice;
  keys: string;
}): Promise<DemoWhiteBox> {
  const model = await loadModelFolder(suspect, { backend });
  const whiteBoxProver = await openWhiteBoxProver({ keys: keyFolder });
  const progress = new Progress('proving the batch');
  try {
    const images = calibrationImages({ dataset: task, commitment });
    const network = await quantiseFolder(suspect, { ...bits, images });
    await writeFileAtomic(networkBeside(transcript), network.bytes);
    const own = test.labels.length;
    const asked = Array.from({ length: own }, (_, i) => imageAt(test, i));
    const fidelity = await measureFidelity(network, model, asked);
    const keys = await findWhiteBoxKeys(keyFolder, { network, commitment, allowDevKeys: true });
    const policy = withKeys(defaultPolicy, keys);
    const whiteBoxLedger = new FileWhiteBoxLedger(
      join(ledger, '..', 'white-box'),
      commitment.digest,
      { cap: 64 },
    );
    await whiteBoxLedger.approve(network);
    const [judgeEnd, ownerEnd] = memoryChannels();
    let [pointed, shown] = [0, 0];
    const [record] = await Promise.all([
      runWhiteBoxJudge({
        ...{ commitment, key: judge, policy, network, fidelity, keys, channel: judgeEnd },
        suspect: describeModel(model).descriptor,
        allowDevKeys: true,
        random: systemRandom,
        now: () => new Date(),
        onStage: ({ kind }) => {
          if (kind === 'pointed') pointed = performance.now();
        },
      }),
      runOwner({
        ...{ channel: ownerEnd, commitment, mark, key: owner, whiteBoxProver, whiteBoxLedger },
        ledger: new FileLedger(ledger, commitment.digest),
        patienceSeconds: 600,
        random: systemRandom,
        onStage: (stage) => {
          if (stage.kind !== 'proving-batch') return;
          progress.update(stage.done, stage.total);
          shown = performance.now();
        },
      }),
    ]);
    progress.end();
    await writeFileAtomic(transcript, record.transcript);
    note(`white box session: ${summarise(record.outcome)}`);
    const started = performance.now();
    const report = verifyTranscript(record.transcript, { network, allowDevKeys: true });
    const verifySeconds = (performance.now() - started) / 1000;
    const { blocks } = layoutOf(network, commitment.parameters, keys);
    const { circuits } = await readCircuitManifest();
    const cost = (name: string): number => circuits[name]?.constraints ?? 0;
    return {
      record,
      fidelity: fidelity.agreed / fidelity.asked,
      blocks,
      constraints: blocks * cost(keys.neurons.instance) + cost(keys.classification.instance),
      proveSeconds: Math.max(shown - pointed, 0) / 1000,
      verifySeconds,
      isVerified:
        report.outcome.verdict === record.outcome.verdict &&
        report.checks.every(({ status }) => status !== 'failed'),
    };
  } finally {
    model.dispose();
    await whiteBoxProver.close();
  }
}

/** The demo's JSON about a session. */
export function whiteBoxJson(session: DemoWhiteBox): object {
  const { verdict, whiteBox } = session.record.outcome;
  const round = (seconds: number): number => Math.round(1000 * seconds) / 1000;
  return {
    verdict,
    batch: whiteBox?.batch ?? 0,
    threshold: whiteBox?.threshold ?? 0,
    log2Bound: whiteBox ? log2(pValueOf(whiteBox)) : 0,
    fidelity: session.fidelity,
    blocks: session.blocks,
    constraints: session.constraints,
    proveSeconds: round(session.proveSeconds),
    verifySeconds: round(session.verifySeconds),
  };
}
