import type { Argv } from 'yargs';

import { bytesToHex, EnvironmentError, InputError } from '../base/index.js';
import { classCount, type Commitment } from '../commitment/index.js';
import { type KeyPair, systemRandom } from '../crypto/index.js';
import { mustNotExist, readFileLimited, writeFileAtomic } from '../files/index.js';
import {
  checkPolicy,
  type Channel,
  defaultPolicy,
  maxMessage,
  type Policy,
  requireThreshold,
  type SessionRecord,
  type Suspect,
} from '../protocol/index.js';
import { openInferenceSuspect } from '../suspect/open-inference.js';
import { openTfjsSuspect } from '../suspect/tfjs.js';
import { loadDataset } from '../training/data/index.js';
import { connectWebSocket } from '../transport/index.js';
import { runJudge, verifyTranscript } from '../verifier/index.js';
import { readCommitment } from './claim-folder.js';
import { makeDecoys } from './decoys.js';
import { passphraseOptions } from './passphrase.js';
import { Progress } from './progress.js';
import { readKey } from './secret-files.js';
import { summarise } from './summary.js';
import { exitCodes, note, print } from './terminal.js';
import { backendOption, dataOptions } from './train-options.js';

export function addJudge(program: Argv): Argv {
  return program.command(
    'judge <transcript>',
    'Test a suspect model against a claim, with the prover, and write a signed transcript',
    (yargs) =>
      yargs
        .positional('transcript', {
          type: 'string',
          demandOption: true,
          describe: 'New transcript file',
        })
        .options({
          prover: { type: 'string', demandOption: true, describe: 'E.g. ws://127.0.0.1:7411' },
          commitment: { type: 'string', demandOption: true, describe: 'The owner’s public file' },
          key: { type: 'string', demandOption: true, describe: 'The judge’s key file' },
          ...passphraseOptions,
          suspect: { type: 'string', describe: 'Model folder (TensorFlow.js layers format)' },
          endpoint: { type: 'string', describe: 'URL of an Open Inference Protocol V2 server' },
          'endpoint-model': { type: 'string', default: 'model', describe: 'Model name there' },
          ...backendOption,
          decoys: {
            ...dataOptions.data,
            describe: 'Ordinary images of the task, as for `train --data`',
          },
          fit: dataOptions.fit,
          'label-map': {
            type: 'string',
            describe:
              'File with, for each class of the suspect, the committed label or -1, one a line',
          },
          policy: { type: 'string', describe: 'JSON file; `veilmark policy` prints the default' },
          earlier: {
            type: 'string',
            array: true,
            describe: 'Transcripts of earlier sessions of this claim: their batches are spent',
          },
        })
        .conflicts('suspect', 'endpoint')
        .example(
          '$0 judge session.transcript --prover ws://127.0.0.1:7411 --commitment claim/commitment.veilmark --key judge.key --suspect model',
          'Ask a model folder',
        ),
    async (args) => {
      await mustNotExist(args.transcript);
      const commitment = await readCommitment(args.commitment);
      const policy = args.policy === undefined ? defaultPolicy : await readPolicy(args.policy);
      requireThreshold(commitment.parameters, policy);
      const knownSpent = await Promise.all(
        (args.earlier ?? []).map((path) => spentBatch(path, commitment)),
      );
      const key = await readKey(args.key, args);
      const { shape, batchSize } = commitment.parameters;
      const ordinary = await loadDataset(args.decoys, { split: 'test', shape, fit: args.fit });
      const count = policy.decoysPerTrigger * batchSize;
      const decoys = makeDecoys({ ordinary, count, shape, random: systemRandom });
      const labelMap = args.labelMap === undefined ? undefined : await readLabelMap(args.labelMap);
      const record = await reach(async () => {
        const suspect = await openSuspect(args, commitment);
        try {
          const channel = await connectWebSocket(args.prover, {
            maxMessage: maxMessage(commitment.parameters),
            seconds: 20,
          });
          const options = { channel, commitment, key, policy, suspect, decoys, knownSpent };
          return await runWithProgress({ ...options, labelMap });
        } finally {
          await suspect.close();
        }
      });
      if (record === undefined) {
        process.exitCode = exitCodes.inconclusive;
        return;
      }
      await writeFileAtomic(args.transcript, record.transcript);
      print(summarise(record.outcome));
      note(`wrote ${args.transcript}; \`veilmark verify ${args.transcript}\` checks it again`);
      process.exitCode = exitCodes[record.outcome.verdict];
    },
  );
}

/** A prover or suspect that cannot be reached leaves the question open: nothing is written. */
async function reach(work: () => Promise<SessionRecord>): Promise<SessionRecord | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    note(`error: ${error.message} [${error.code}]`);
    if (error.hint !== undefined) note(`hint: ${error.hint}`);
    print(`inconclusive, cause ${error.code}`);
    return undefined;
  }
}

async function runWithProgress(options: {
  channel: Channel;
  commitment: Commitment;
  key: KeyPair;
  policy: Policy;
  suspect: Suspect;
  decoys: ReturnType<typeof makeDecoys>;
  knownSpent: readonly number[];
  labelMap: readonly number[] | undefined;
}): Promise<SessionRecord> {
  const progress = new Progress('asking the suspect');
  const stop = new AbortController();
  const onInterrupt = (): void => {
    stop.abort();
  };
  process.once('SIGINT', onInterrupt);
  try {
    return await runJudge({
      ...options,
      random: systemRandom,
      now: () => new Date(),
      signal: stop.signal,
      onStage: (stage) => {
        if (stage.kind === 'challenged') {
          note(`the coins picked batch ${stage.batch}: ${stage.size} triggers to open`);
        }
        if (stage.kind === 'asking') progress.update(stage.done, stage.total);
        if (stage.kind === 'decided') progress.end();
      },
    });
  } finally {
    process.removeListener('SIGINT', onInterrupt);
    await options.channel.close();
  }
}

async function openSuspect(
  args: {
    suspect?: string | undefined;
    endpoint?: string | undefined;
    endpointModel: string;
    backend: (typeof backendOption.backend.choices)[number];
  },
  { parameters }: Commitment,
): Promise<Suspect> {
  const { shape } = parameters;
  const classes = classCount(parameters);
  if (args.suspect !== undefined) {
    const expected = { what: 'the commitment', shape, classes };
    return openTfjsSuspect(args.suspect, { backend: args.backend, expected });
  }
  if (args.endpoint !== undefined) {
    return openInferenceSuspect({
      url: args.endpoint,
      model: args.endpointModel,
      shape,
      classes,
    });
  }
  throw new InputError({
    code: 'usage.suspect',
    message: 'the suspect is not named',
    hint: 'give --suspect DIR or --endpoint URL',
  });
}

async function readPolicy(path: string): Promise<Policy> {
  const bytes = await readFileLimited(path, { limit: 2 ** 16, what: 'policy' });
  try {
    return checkPolicy(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError({ code: 'policy.format', message: `${path}: ${error.message}` });
  }
}

async function readLabelMap(path: string): Promise<number[]> {
  const bytes = await readFileLimited(path, { limit: 2 ** 22, what: 'label map' });
  const lines = new TextDecoder().decode(bytes).trimEnd().split(/\r?\n/);
  if (!lines.every((line) => /^(-1|\d{1,6})$/.test(line.trim()))) {
    throw new InputError({
      code: 'judge.label-map',
      message: `${path}: expected one committed label or -1 a line`,
    });
  }
  return lines.map(Number);
}

async function spentBatch(path: string, commitment: Commitment): Promise<number> {
  const file = await readFileLimited(path, { limit: 2 ** 30, what: 'transcript' });
  const { session } = verifyTranscript(file, { expected: { commitment: commitment.bytes } });
  const reached = session.phase === 'aborted' ? session.before : session;
  if ('challenge' in reached) return reached.challenge.batch;
  throw new InputError({
    code: 'judge.earlier',
    message: `${path} does not show a batch: its session ended before the challenge`,
    hint: `leave it out; it says nothing about commitment ${bytesToHex(commitment.digest)}`,
  });
}
