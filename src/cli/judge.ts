import { existsSync } from 'node:fs';

import type { Argv } from 'yargs';

import { EnvironmentError, EvidenceError, InputError, type Shape } from '../base/index.js';
import { type Commitment, pairCount } from '../commitment/index.js';
import { type KeyPair, sessionRandom, systemRandom } from '../crypto/index.js';
import type { Fit } from '../files/index.js';
import type { FileJournal } from '../journal/index.js';
import {
  type Channel,
  type Policy,
  type QueryLog,
  requireThreshold,
  type SessionRecord,
  type Suspect,
} from '../protocol/index.js';
import { loadDataset } from '../training/data/index.js';
import type { Dataset } from '../training/dataset.js';
import { type NullModel, runJudge } from '../verifier/index.js';
import { readCommitment } from './claim-folder.js';
import { makeDecoys } from './decoys.js';
import {
  checkLabelMap,
  openSuspect,
  readLabelMap,
  spentBatch,
  withOpeningKey,
} from './judge-inputs.js';
import {
  checkJudgeChannel,
  checkTranscriptPlace,
  openJudgeChannel,
  openJudgeJournal,
} from './judge-session.js';
import { dialLine, plainLineOption } from './line.js';
import { judgeWhiteBox, type WhiteBoxArguments } from './judge-white-box.js';
import { parseBits } from './network-bits.js';
import { findNullModels, mustSuffice } from './null-models.js';
import { nullReport } from './null-report.js';
import { defaultKeyFolder } from './opening-prover.js';
import { askingOptions, mustHoldNoQueries, openBeside, queriesBeside } from './query-log.js';
import { readPolicy } from './policy-file.js';
import { asWish } from './naming.js';
import { passphraseOptions } from './passphrase.js';
import { Progress } from './progress.js';
import { readKey } from './secret-files.js';
import { evidenceMark, summarise } from './summary.js';
import { exitCodes, note, print, reportError } from './terminal.js';
import { optionName, suspectOptions } from './suspect-options.js';
import { backendOption, dataOptions } from './train-options.js';
import { addTrainNulls } from './train-nulls.js';
import { keepTranscript } from './transcript-file.js';
import { isWaiting } from './waiting.js';

const examples = `Examples:
  $0 judge session.transcript --prover wss://127.0.0.1:7411 --key judge.key \\
      --commitment claim/commitment.veilmark --suspect model
  $0 judge session.transcript --prover wss://127.0.0.1:7411 --key judge.key \\
      --commitment claim/commitment.veilmark --endpoint http://127.0.0.1:7412
  $0 suspect probe http://127.0.0.1:7412 --commitment claim/commitment.veilmark
  $0 judge session.transcript --prover wss://127.0.0.1:7411 --key judge.key \\
      --commitment claim/commitment.veilmark --suspect model --mode white-box`;

const groups = {
  suspect: 'The suspect:',
  rules: 'The rules:',
  whiteBox: 'White box mode:',
} as const;

export function addJudge(program: Argv): Argv {
  return program.command(
    'judge <transcript>',
    'Test a suspect model against a claim, with the prover, and write a signed transcript',
    (yargs) => {
      const judge = yargs
        .positional('transcript', {
          type: 'string',
          demandOption: true,
          describe: 'New transcript file',
        })
        .options({
          prover: { type: 'string', describe: 'E.g. wss://127.0.0.1:7411' },
          messages: {
            type: 'string',
            describe: 'In place of --prover: a folder in which each message is a file',
          },
          expired: {
            type: 'boolean',
            default: false,
            describe: 'With --messages: the prover let its time pass; end the session',
          },
          commitment: { type: 'string', demandOption: true, describe: 'The owner’s public file' },
          key: { type: 'string', demandOption: true, describe: 'The judge’s key file' },
          ...passphraseOptions,
          ...plainLineOption,
          ...suspectOptions,
          mode: {
            choices: ['black-box', 'white-box'] as const,
            default: 'black-box' as const,
            describe:
              'Open a batch and ask the suspect, or prove about its weights and open nothing',
          },
          network: {
            group: groups.whiteBox,
            type: 'string',
            describe: 'Integer network file of --suspect [made anew, beside the transcript]',
          },
          bits: {
            group: groups.whiteBox,
            type: 'string',
            default: '10,10',
            describe: 'Bits of an output and of a remainder, for a network made anew',
          },
          keys: {
            group: groups.whiteBox,
            type: 'string',
            describe: 'Folder with the verification keys [that of `setup`]',
          },
          ...backendOption,
          decoys: {
            ...dataOptions.data,
            group: groups.rules,
            describe: 'Ordinary images of the task, as for `train --data`',
          },
          fit: { ...dataOptions.fit, group: groups.rules },
          'label-map': {
            group: groups.suspect,
            type: 'string',
            describe:
              'File with, for each class of the suspect, the committed label or -1, one a line',
          },
          'null-models': {
            group: groups.rules,
            type: 'string',
            array: true,
            describe:
              'Folder of your own models of the task, from `judge train-nulls`, or one of them (may be repeated)',
          },
          policy: {
            group: groups.rules,
            type: 'string',
            describe: 'JSON file; `veilmark policy` prints the default',
          },
          'hidden-proofs': {
            group: groups.rules,
            type: 'string',
            describe: 'none, all or a number: hidden pairs to be proven well-formed [the policy]',
          },
          'opening-key': {
            group: groups.rules,
            type: 'string',
            describe: 'Verification key file for those proofs, from `setup`',
          },
          'allow-dev-keys': {
            group: groups.rules,
            type: 'boolean',
            default: false,
            describe: 'Accept a development key: a test, and no evidence',
          },
          earlier: {
            group: groups.rules,
            type: 'string',
            array: true,
            describe:
              'Transcript of an earlier session of this claim (may be repeated): its batch is spent',
          },
        })
        .epilogue(examples);
      addTrainNulls(judge);
      return judge;
    },
    async (args) => {
      checkJudgeChannel(args);
      const whiteBox = args.mode === 'white-box' ? whiteBoxArguments(args) : undefined;
      await checkTranscriptPlace(args.transcript);
      const commitment = await readCommitment(args.commitment);
      const { policy, openingKey } = await withOpeningKey(
        await readPolicy(args.policy),
        commitment,
        args,
      );
      asWish(() => requireThreshold(commitment.parameters, policy));
      const knownSpent = await Promise.all(
        (args.earlier ?? []).map((path) => spentBatch(path, commitment)),
      );
      const key = await readKey(args.key, args);
      const { prover } = args;
      const dial =
        prover === undefined ? undefined : await dialLine({ ...args, prover }, key, commitment);
      const { parameters } = commitment;
      const labelMap = await readLabelMap(args.labelMap, commitment, policy);
      const ordinary = await loadDecoys(args, parameters.shape);
      const journal = await openJudgeJournal(args.transcript, commitment);
      if (whiteBox) {
        const calibration = () => loadDecoys(args, parameters.shape, 'train');
        const shared = {
          dial,
          commitment,
          key,
          policy,
          ordinary,
          calibration,
          knownSpent,
          journal,
        };
        const record = await reach(journal, () => judgeWhiteBox(whiteBox, shared));
        await finish(journal, args, { record, commitment });
        return;
      }
      const decoys = makeDecoys({
        ordinary,
        count: policy.decoysPerTrigger * parameters.batchSize,
        pairs: pairCount(parameters),
        labelMap,
        random: sessionRandom(journal.secret)('decoys'),
      });
      const nullModels = await findNullModels(args.nullModels, parameters, {
        labelMap,
        backend: args.backend,
      });
      mustSuffice(nullModels, commitment, policy);
      if (journal.records.length === 0) await mustHoldNoQueries(args.transcript);
      const queries = await openBeside(args.transcript);
      const record = await reach(journal, async () => {
        const random = sessionRandom(journal.secret);
        const asking = askingOptions(queries, policy, { parameters, random });
        const suspect = await openSuspect(args, commitment, asking);
        try {
          checkLabelMap(labelMap, suspect);
          const channel = await openJudgeChannel(args, { dial, commitment });
          const options = {
            channel,
            commitment,
            key,
            policy,
            suspect,
            decoys,
            queries,
            knownSpent,
            journal,
          };
          const { allowDevKeys } = args;
          const more = { labelMap, openingKey, allowDevKeys, nullModels };
          return await runWithProgress({ ...options, ...more });
        } finally {
          await suspect.close();
        }
      }).finally(() => queries.close());
      if (queries.path !== queriesBeside(args.transcript)) {
        note(`the query log could not be kept in its place, and was written to ${queries.path}`);
      }
      await finish(journal, args, { record, commitment });
    },
  );
}

/** Prints how a session ended, writes its transcript and removes its journal. */
async function finish(
  journal: FileJournal,
  { transcript: path }: { transcript: string },
  { record, commitment }: { record: SessionRecord | undefined; commitment: Commitment },
): Promise<void> {
  if (record === undefined) return;
  print(`${summarise(record.outcome)}${evidenceMark(record.session)}`);
  for (const line of nullReport(record.session, commitment.parameters)) {
    note(`null models: ${line}`);
  }
  try {
    await keepTranscript(path, record.transcript);
    await journal.remove();
  } finally {
    await journal.close();
  }
  note(`wrote ${path}; \`veilmark verify ${path}\` checks it again`);
  process.exitCode = exitCodes[record.outcome.verdict];
}

/** Options about asking a suspect and opening pairs. */
const notInWhiteBox = [
  ...['endpoint', 'endpointProtocol', 'endpointModel', 'endpointConfig', 'endpointKeyEnv'],
  ...['suspectCommand', 'suspectShell', 'suspectClasses', 'suspectNormalise', 'suspectOutput'],
  ...['suspectEnlarge', 'onnxLayout', 'labelMap', 'hiddenProofs', 'openingKey', 'nullModels'],
] as const;

/** Throws `InputError` `usage.white-box` for options that the mode does not take. */
function whiteBoxArguments(
  args: Omit<WhiteBoxArguments, 'suspect' | 'keys' | 'bits'> & {
    suspect?: string | undefined;
    keys?: string | undefined;
    bits: string;
  } & Readonly<Partial<Record<(typeof notInWhiteBox)[number], unknown>>>,
): WhiteBoxArguments {
  const { suspect, keys = defaultKeyFolder, bits } = args;
  const unused = notInWhiteBox.find((name) => args[name] !== undefined);
  if (suspect === undefined || unused !== undefined) {
    throw new InputError({
      code: 'usage.white-box',
      message:
        unused === undefined
          ? 'white box mode needs the suspect’s weights'
          : `white box mode does not take ${optionName(unused)}`,
      hint: 'give --suspect DIR, a model folder, and no options of the black box mode',
    });
  }
  return { ...args, suspect, keys, bits: parseBits(bits) };
}

/** Ordinary images of the task. Throws `InputError` as `loadDataset` does. */
async function loadDecoys(
  { decoys, fit }: { decoys: string; fit: Fit },
  shape: Shape,
  split: 'train' | 'test' = 'test',
): Promise<Dataset> {
  try {
    return await loadDataset(decoys, { split, shape, fit });
  } catch (error) {
    if (!(error instanceof InputError) || error.code !== 'dataset.shape') throw error;
    const { code, message } = error;
    const hint = 'give images of the task with --decoys, e.g. cifar10:DIR or folder:DIR';
    throw new InputError({ code, message, hint, cause: error });
  }
}

/**
 * A prover or suspect that cannot be reached, or a model that cannot be quantised, leaves the question open; a session that has begun
 * stays in its journal.
 */
async function reach(
  journal: FileJournal,
  work: () => Promise<SessionRecord>,
): Promise<SessionRecord | undefined> {
  try {
    return await work();
  } catch (error) {
    await journal.close();
    if (isWaiting(error)) {
      note(error.message);
      process.exitCode = exitCodes.waiting;
      return undefined;
    }
    const isOpen =
      error instanceof EnvironmentError ||
      (error instanceof EvidenceError && error.code === 'network.fidelity');
    if (!isOpen) throw error;
    reportError(error);
    print(`inconclusive, cause ${error.code}`);
    if (existsSync(journal.path)) note(`the session stays in ${journal.path} to be gone on with`);
    process.exitCode = exitCodes.inconclusive;
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
  queries: QueryLog;
  knownSpent: readonly number[];
  labelMap: readonly number[] | undefined;
  openingKey: Uint8Array | undefined;
  allowDevKeys: boolean;
  nullModels: readonly NullModel[];
  journal: FileJournal;
}): Promise<SessionRecord> {
  let progress = new Progress('asking the suspect');
  const stop = new AbortController();
  const onInterrupt = (): void => {
    note(
      'stopping after the present question, or at once with Ctrl-C again; the same command goes on',
    );
    stop.abort();
  };
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  try {
    return await runJudge({
      ...options,
      random: systemRandom,
      now: () => new Date(),
      signal: stop.signal,
      onStage: (stage) => {
        if (stage.kind === 'challenged') {
          const proofs = stage.proofs > 0 ? `, and ${stage.proofs} hidden pairs to prove` : '';
          note(`the coins picked batch ${stage.batch}: ${stage.size} triggers to open${proofs}`);
        }
        if (stage.kind === 'asking') progress.update(stage.done, stage.total);
        if (stage.kind === 'null-models') {
          if (stage.done === 1) progress = new Progress('asking the null models');
          progress.update(stage.done, stage.total);
        }
        if (stage.kind === 'decided') progress.end();
      },
    });
  } finally {
    process.removeListener('SIGINT', onInterrupt);
    process.removeListener('SIGTERM', onInterrupt);
    await options.channel.close();
  }
}
