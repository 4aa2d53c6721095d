import { existsSync } from 'node:fs';

import { bytesToHex, EvidenceError } from '../base/index.js';
import { classCount, type Commitment } from '../commitment/index.js';
import { type KeyPair, systemRandom } from '../crypto/index.js';
import { writeFileAtomic } from '../files/index.js';
import type { FileJournal } from '../journal/index.js';
import type { IntegerNetwork } from '../network/index.js';
import { layoutOf, proofsPerTrigger } from '../proof/index.js';
import type { Policy, SessionRecord } from '../protocol/index.js';
import { describeModel } from '../suspect/tfjs.js';
import type { Dataset } from '../training/dataset.js';
import { imageAt } from '../training/dataset.js';
import { measureFidelity, quantiseFolder } from '../training/integer-network.js';
import { checkModelFits, type LoadedModel, loadModelFolder } from '../training/loaded-model.js';
import { checkFidelity, runWhiteBoxJudge } from '../verifier/index.js';
import { calibrationImages } from './calibration.js';
import { openJudgeChannel } from './judge-session.js';
import type { Dial } from './line.js';
import { networkBeside, readNetwork } from './network-file.js';
import { Progress } from './progress.js';
import { note, percent } from './terminal.js';
import type { backendOption } from './train-options.js';
import { findWhiteBoxKeys, withKeys } from './white-box-keys.js';

/** Most of the judge's own images on which the network is compared with the model. */
const fidelityImages = 2000;

/** What `judge --mode white-box` takes from the command line. */
export interface WhiteBoxArguments {
  readonly transcript: string;
  readonly suspect: string;
  readonly network?: string | undefined;
  readonly keys: string;
  readonly bits: { readonly A: number; readonly S: number };
  readonly backend: (typeof backendOption.backend.choices)[number];
  readonly allowDevKeys: boolean;
  readonly prover?: string | undefined;
  readonly messages?: string | undefined;
  readonly expired?: boolean | undefined;
}

/**
 * A white box session with a prover: the suspect's integer network is made or read, compared with the model, and proven about. Throws
 * `EvidenceError` `network.fidelity` where it does not do what the model does.
 */
export async function judgeWhiteBox(
  args: WhiteBoxArguments,
  {
    dial,
    commitment,
    key,
    policy,
    ordinary,
    calibration,
    knownSpent,
    journal,
  }: {
    dial: Dial | undefined;
    commitment: Commitment;
    key: KeyPair;
    policy: Policy;
    /** The judge's own images of the task, on which the network is compared with the model. */
    ordinary: Dataset;
    /** Others, on which a network made anew is calibrated. */
    calibration: () => Promise<Dataset>;
    knownSpent: readonly number[];
    journal: FileJournal;
  },
): Promise<SessionRecord> {
  const { parameters } = commitment;
  if (parameters.labelMode !== 'derived') {
    throw new EvidenceError({
      code: 'hello.mode',
      message: 'white box sessions take derived labels only, and this claim’s were chosen',
      hint: 'judge it as a black box',
    });
  }
  const model = await loadModelFolder(args.suspect, { backend: args.backend });
  try {
    const expected = { shape: parameters.shape, classes: classCount(parameters) };
    checkModelFits(model, { what: 'the commitment', ...expected });
    const network = await networkOf(again(args, journal), model, { calibration, commitment });
    const fidelity = await measure(network, model, ordinary);
    checkFidelity(fidelity, policy);
    const { allowDevKeys } = args;
    const keys = await findWhiteBoxKeys(args.keys, { network, commitment, allowDevKeys });
    const layout = layoutOf(network, parameters, keys);
    const sizes = { proofs: proofsPerTrigger(layout) };
    note(
      `${network.neurons} neurons in ${layout.blocks} blocks; ${sizes.proofs} proofs for each of ${parameters.batchSize} triggers`,
    );
    const channel = await openJudgeChannel(args, { dial, commitment, sizes });
    try {
      return await runWhiteBoxJudge({
        channel,
        commitment,
        key,
        policy: withKeys(policy, keys),
        suspect: describeModel(model).descriptor,
        network,
        fidelity,
        keys,
        knownSpent,
        allowDevKeys,
        journal,
        random: systemRandom,
        now: () => new Date(),
        onStage: (stage) => {
          if (stage.kind === 'challenged') {
            note(
              `the coins picked batch ${stage.batch}: ${stage.size} triggers, none of them opened`,
            );
          }
          if (stage.kind === 'pointed') note(`waiting for ${stage.proofs} proofs`);
          if (stage.kind === 'shown') {
            note(stage.isProven ? 'all proofs verified' : 'the owner declines to prove');
          }
        },
      });
    } finally {
      await channel.close();
    }
  } finally {
    model.dispose();
  }
}

/** A session that goes on is about the network that it was begun with. */
function again(args: WhiteBoxArguments, { records }: FileJournal): WhiteBoxArguments {
  const made = networkBeside(args.transcript);
  const isMade = args.network === undefined && records.length > 0 && existsSync(made);
  return isMade ? { ...args, network: made } : args;
}

async function networkOf(
  { suspect, network: path, transcript, bits }: WhiteBoxArguments,
  model: LoadedModel,
  { calibration, commitment }: { calibration: () => Promise<Dataset>; commitment: Commitment },
): Promise<IntegerNetwork> {
  if (path !== undefined) {
    const network = await readNetwork(path);
    if (bytesToHex(network.model) === model.digest) return network;
    throw new EvidenceError({
      code: 'network.model',
      message: `${path} is the integer network of another model than ${suspect}`,
      hint: 'make it again with `veilmark network make`, or leave --network out',
    });
  }
  const images = calibrationImages({ dataset: await calibration(), commitment });
  const progress = new Progress('quantising the suspect');
  const network = await quantiseFolder(suspect, {
    ...bits,
    images,
    onProgress: (done, total) => {
      progress.update(done, total);
    },
  });
  progress.end();
  const file = networkBeside(transcript);
  await writeFileAtomic(file, network.bytes);
  note(`wrote ${file}: give it to the owner, who approves it as ${bytesToHex(network.digest)}`);
  return network;
}

async function measure(network: IntegerNetwork, model: LoadedModel, ordinary: Dataset) {
  const count = Math.min(ordinary.labels.length, fidelityImages);
  const images = Array.from({ length: count }, (_, i) =>
    imageAt(ordinary, Math.floor((i * ordinary.labels.length) / count)),
  );
  const progress = new Progress('comparing with the model');
  const fidelity = await measureFidelity(network, model, images, (done, total) => {
    progress.update(done, total);
  });
  progress.end();
  note(
    `the integer network agrees with the model on ${fidelity.agreed} of ${fidelity.asked} images (${percent(fidelity.agreed, fidelity.asked)})`,
  );
  return fidelity;
}
