import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { bytesToHex } from '../base/index.js';
import { createCommitment, defaultCounts, HiddenTriggers, pairCount } from '../commitment/index.js';
import { generateKeyPair, type KeyPair, systemRandom } from '../crypto/index.js';
import { openQueryLog } from '../evidence/index.js';
import { writeFileAtomic } from '../files/index.js';
import { defaultPolicy, type SessionRecord } from '../protocol/index.js';
import { FileLedger, runOwner } from '../prover/index.js';
import { openTfjsSuspect } from '../suspect/tfjs.js';
import type { BackendChoice } from '../training/backend.js';
import { loadDataset } from '../training/data/index.js';
import type { Dataset } from '../training/dataset.js';
import { evaluate, fraction } from '../training/evaluate.js';
import { loadModelFolder } from '../training/loaded-model.js';
import { defaultRecipe } from '../training/options.js';
import type { TrainResult } from '../training/train.js';
import { memoryChannels } from '../transport/index.js';
import { runJudge, verifyTranscript } from '../verifier/index.js';
import { claimPaths, writeClaim } from './claim-folder.js';
import { makeDecoys } from './decoys.js';
import { makeWhiteBoxKeys, runWhiteBoxSession } from './demo-white-box.js';
import { type DemoProver, measureHiddenProofs, openDemoProver } from './demo-proofs.js';
import { Progress } from './progress.js';
import { queriesBeside } from './query-log.js';
import { writeKey } from './secret-files.js';
import { summarise } from './summary.js';
import { note } from './terminal.js';
import { specFor } from './train-options.js';
import { runTraining } from './training-run.js';
import { makeMarkSource } from './trigger-source.js';

type Claim = ReturnType<typeof createCommitment>;

/** To milliseconds. */
function round(seconds: number): number {
  return Math.round(1000 * seconds) / 1000;
}

/** Seconds of each part, by name. */
class Stopwatch {
  readonly seconds: Record<string, number> = {};

  async time<T>(part: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await work();
    this.seconds[part] = round((performance.now() - started) / 1000);
    return result;
  }
}

/** Hidden pairs that the owner proves well-formed in the marked model's session. */
const hiddenProofs = 8;

/** Everything that an owner, a judge and an auditor do, in one process and one folder. */
export async function runDemo({
  folder,
  architecture,
  backend,
}: {
  folder: string;
  architecture: string;
  backend: BackendChoice;
}) {
  const started = performance.now();
  const watch = new Stopwatch();
  const claimFolder = join(folder, 'claim');
  const files = {
    ownerKey: join(folder, 'owner.key'),
    judgeKey: join(folder, 'judge.key'),
    ...claimPaths({ claim: claimFolder }),
    markedModel: join(folder, 'marked-model'),
    unmarkedModel: join(folder, 'unmarked-model'),
    transcript: join(folder, 'marked.transcript'),
    unmarkedTranscript: join(folder, 'unmarked.transcript'),
    whiteBoxTranscript: join(folder, 'white-box.transcript'),
    whiteBoxUnmarkedTranscript: join(folder, 'white-box-unmarked.transcript'),
    keys: join(folder, 'keys'),
  };
  note(`the demo’s files go to ${folder} (secrets are not encrypted: it is a demo)`);
  const [owner, judge] = [generateKeyPair(systemRandom), generateKeyPair(systemRandom)];
  await writeKey(files.ownerKey, owner, undefined);
  await writeKey(files.judgeKey, judge, undefined);
  const task = await loadDataset('fashion-mnist', { split: 'train' });
  const test = await loadDataset('fashion-mnist', { split: 'test' });

  const claim = await watch.time('commit', () => commit({ task, owner, claimFolder }));
  const triggers = HiddenTriggers.of(claim.mark, claim.commitment);
  const options = { ...defaultRecipe, spec: specFor(architecture, task), seed: 'demo' };
  const job = { task, test, options, backend, workers: 1 };
  const unmarkedRun = await watch.time('trainUnmarked', () =>
    runTraining({ ...job, title: 'unmarked model', folder: files.unmarkedModel }),
  );
  const markedRun = await watch.time('trainMarked', () =>
    runTraining({ ...job, title: 'marked model', folder: files.markedModel, triggers }),
  );

  const prover = await watch.time('keys', () => openDemoProver(claim.commitment, files.keys));
  const ends = { claim, owner, judge, ledger: files.ledger, test, backend };
  const marked = await watch
    .time('session', () =>
      runSession({ ...ends, suspect: files.markedModel, transcript: files.transcript, prover }),
    )
    .finally(() => prover.close());
  const unmarked = await watch.time('sessionUnmarked', () =>
    runSession({ ...ends, suspect: files.unmarkedModel, transcript: files.unmarkedTranscript }),
  );
  await watch.time('whiteBoxKeys', () => makeWhiteBoxKeys(claim.commitment, files.keys));
  const shared = { ...ends, task, keys: files.keys };
  const whiteBox = await watch.time('whiteBox', () =>
    runWhiteBoxSession({
      ...shared,
      suspect: files.markedModel,
      transcript: files.whiteBoxTranscript,
    }),
  );
  const whiteBoxUnmarked = await watch.time('whiteBoxUnmarked', () =>
    runWhiteBoxSession({
      ...shared,
      suspect: files.unmarkedModel,
      transcript: files.whiteBoxUnmarkedTranscript,
    }),
  );
  const verified = await watch.time('verify', () =>
    Promise.resolve(
      [marked, unmarked].every(verifies) && whiteBox.isVerified && whiteBoxUnmarked.isVerified,
    ),
  );
  const proofs = measureHiddenProofs(marked, claim.commitment);
  const hidden = { ...proofs, seconds: round(prover.seconds()) };
  const model = await accuracies(files.unmarkedModel, backend, triggers, markedRun, unmarkedRun);
  const total = round((performance.now() - started) / 1000);
  const sessions = { marked, unmarked, whiteBox, whiteBoxUnmarked };
  return { model, ...sessions, hidden, verified, seconds: { total, ...watch.seconds }, files };
}

async function commit({
  task,
  owner,
  claimFolder,
}: {
  task: Dataset;
  owner: KeyPair;
  claimFolder: string;
}): Promise<Claim> {
  const { hidden, audited } = defaultCounts;
  const source = await makeMarkSource({
    shape: task.shape,
    classes: task.classNames.length,
    count: hidden + audited,
    labelMode: 'derived',
  });
  const claim = createCommitment({
    parameters: {
      ...defaultCounts,
      labelMode: 'derived',
      natural: 'none',
      shape: task.shape,
      classNames: task.classNames,
      origin: 'system',
    },
    source,
    owner,
  });
  await writeClaim(claimFolder, claim, undefined);
  note(`committed to ${hidden} hidden and ${audited} audited triggers`);
  return claim;
}

async function runSession({
  suspect: suspectFolder,
  transcript,
  claim,
  owner,
  judge,
  ledger,
  test,
  backend,
  prover,
}: {
  suspect: string;
  transcript: string;
  claim: Claim;
  owner: KeyPair;
  judge: KeyPair;
  ledger: string;
  test: Dataset;
  backend: BackendChoice;
  /** Proves hidden pairs, for a judge who asks for that. */
  prover?: DemoProver | undefined;
}): Promise<DemoSession> {
  const { commitment, mark } = claim;
  const { shape, classNames, batchSize } = commitment.parameters;
  const expected = { what: 'the commitment', shape, classes: classNames.length };
  const suspect = await openTfjsSuspect(suspectFolder, { backend, expected });
  const queries = await openQueryLog(queriesBeside(transcript));
  const [judgeEnd, ownerEnd] = memoryChannels();
  const progress = new Progress('asking the suspect');
  const proving = new Progress('proving hidden pairs');
  try {
    const [record] = await Promise.all([
      runJudge({
        channel: judgeEnd,
        commitment,
        key: judge,
        policy: prover
          ? { ...defaultPolicy, hiddenProofs, openingKey: bytesToHex(prover.keyDigest) }
          : defaultPolicy,
        openingKey: prover?.key,
        allowDevKeys: true,
        suspect,
        queries,
        decoys: makeDecoys({
          ordinary: test,
          count: defaultPolicy.decoysPerTrigger * batchSize,
          pairs: pairCount(commitment.parameters),
          random: systemRandom,
        }),
        random: systemRandom,
        now: () => new Date(),
        onStage: (stage) => {
          if (stage.kind === 'asking') progress.update(stage.done, stage.total);
        },
      }),
      runOwner({
        channel: ownerEnd,
        commitment,
        mark,
        key: owner,
        ledger: new FileLedger(ledger, commitment.digest),
        patienceSeconds: 600,
        random: systemRandom,
        hiddenProver: prover,
        onStage: (stage) => {
          if (stage.kind === 'proving') proving.update(stage.done, stage.total);
        },
      }),
    ]);
    progress.end();
    await writeFileAtomic(transcript, record.transcript);
    note(`session: ${summarise(record.outcome)}`);
    return { ...record, queries: await readFile(queries.path) };
  } finally {
    await queries.close();
    await suspect.close();
  }
}

/** A session, and what was asked in it. */
interface DemoSession extends SessionRecord {
  readonly queries: Uint8Array;
}

function verifies({ transcript, queries, outcome }: DemoSession): boolean {
  const report = verifyTranscript(transcript, { queries, allowDevKeys: true });
  return (
    report.outcome.verdict === outcome.verdict &&
    report.checks.every(({ status }) => status === 'passed')
  );
}

async function accuracies(
  unmarkedFolder: string,
  backend: BackendChoice,
  triggers: HiddenTriggers,
  markedRun: TrainResult,
  unmarkedRun: TrainResult,
) {
  const unmarked = await loadModelFolder(unmarkedFolder, { backend });
  try {
    const { classes } = unmarked.spec;
    return {
      testAccuracy: fraction(markedRun.test),
      unmarkedTestAccuracy: fraction(unmarkedRun.test),
      triggerAccuracy: markedRun.triggers ? fraction(markedRun.triggers) : 0,
      unmarkedTriggerAccuracy: fraction(await evaluate(unmarked, triggers, { classes })),
    };
  } finally {
    unmarked.dispose();
  }
}
