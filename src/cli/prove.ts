import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import type { Argv } from 'yargs';

import { bytesToHex, InputError, VeilmarkError } from '../base/index.js';
import { batchCount } from '../commitment/index.js';
import { systemRandom } from '../crypto/index.js';
import { mustBeWritable } from '../files/index.js';
import { type Channel, maxMessage, type SessionRecord } from '../protocol/index.js';
import {
  checkOwner,
  FileLedger,
  FileWhiteBoxLedger,
  type OwnerOptions,
  type OwnerStage,
  runOwner,
} from '../prover/index.js';
import { listenWebSocket } from '../transport/index.js';
import { wholeNumber } from './arguments.js';
import { claimOptions, claimPaths, readCommitment, whiteBoxFolder } from './claim-folder.js';
import { inFile } from './naming.js';
import { findHiddenProver } from './opening-prover.js';
import { passphraseOptions } from './passphrase.js';
import { Progress } from './progress.js';
import { parsePublicKey, readKey, readMark } from './secret-files.js';
import { summarise } from './summary.js';
import { note } from './terminal.js';
import { keepTranscript } from './transcript-file.js';
import { openWhiteBoxProver } from './white-box-prover.js';

export function addProve(program: Argv): Argv {
  return program.command(
    'prove',
    'Listen for judges: open a batch of the claim to each, or prove about a suspect’s weights',
    (yargs) =>
      yargs
        .options({
          ...claimOptions,
          ...passphraseOptions,
          key: { type: 'string', demandOption: true, describe: 'The owner’s key file' },
          listen: {
            type: 'string',
            default: '127.0.0.1:7411',
            describe: 'Address and port; port 0 takes a free one',
          },
          'judge-key': {
            type: 'string',
            array: true,
            describe: 'Public key of a judge that may open a batch (may be repeated)',
          },
          'any-judge': {
            type: 'boolean',
            default: false,
            describe:
              'Open a batch to whoever connects; without it only on this machine’s loopback',
          },
          once: {
            type: 'boolean',
            default: false,
            describe: 'End after one session with a judge (not after a stranger’s junk)',
          },
          patience: {
            type: 'number',
            requiresArg: true,
            default: 3600,
            describe:
              'Seconds to wait for the verdict; the judge’s first messages get at most a minute',
          },
          'max-sessions': {
            type: 'number',
            requiresArg: true,
            default: 16,
            describe: 'Sessions at a time',
          },
          keys: {
            type: 'string',
            describe:
              'Folder with the proving keys, for judges who ask for proofs [that of `setup`]',
          },
          workers: {
            type: 'number',
            requiresArg: true,
            describe: 'Processes that prove at a time [one a core]',
          },
          'max-white-box': {
            type: 'number',
            requiresArg: true,
            default: 64,
            describe: 'White box sessions of the claim in all, as each may tell one bit',
          },
          transcripts: {
            type: 'string',
            describe: 'Folder for the transcript of each session [beside the mark]',
          },
        })
        .epilogue('Example:\n  $0 prove --claim claim --key owner.key --once'),
    async (args) => {
      const paths = claimPaths(args);
      const { host, port } = parseAddress(args.listen);
      if (args.judgeKey === undefined && !args.anyJudge) mustBeLoopback(host);
      const patience = wholeNumber('patience', args.patience, { least: 1, most: 7 * 24 * 3600 });
      const maxSessions = wholeNumber('max-sessions', args.maxSessions, { least: 1, most: 1000 });
      const commitment = await readCommitment(paths.commitment);
      const key = await readKey(args.key, args);
      const mark = await readMark(paths.mark, commitment, args);
      checkOwner({ commitment, mark, key });
      const ledger = new FileLedger(paths.ledger, commitment.digest);
      const spent = await inFile(paths.ledger, () => ledger.spent());
      const options: Omit<OwnerOptions, 'channel'> = {
        commitment,
        mark,
        key,
        ledger,
        patienceSeconds: patience,
        random: systemRandom,
        allowedJudges: args.judgeKey?.map((text) => parsePublicKey('judge-key', text)),
      };
      const workers =
        args.workers === undefined
          ? undefined
          : wholeNumber('workers', args.workers, { least: 1, most: 256 });
      const folder = args.transcripts ?? join(paths.mark, '..', 'transcripts');
      await mustBeWritable(join(folder, 'session.transcript'));
      const left = batchCount(commitment.parameters) - spent.length;
      const cap = wholeNumber('max-white-box', args.maxWhiteBox, { least: 0, most: 1_000_000 });
      const whiteBoxLedger = new FileWhiteBoxLedger(whiteBoxFolder(paths), commitment.digest, {
        cap,
      });
      const hiddenProver = await findHiddenProver(commitment, { keys: args.keys, workers });
      const whiteBoxProver = await openWhiteBoxProver({ keys: args.keys, workers });
      try {
        const place = { once: args.once, maxSessions, host, port, folder };
        const provers = { hiddenProver, whiteBoxProver, whiteBoxLedger };
        await serveSessions(place, { ...options, ...provers }, left);
      } finally {
        await hiddenProver?.close();
        await whiteBoxProver.close();
      }
    },
  );
}

async function serveSessions(
  {
    host,
    port,
    folder,
    once,
    maxSessions,
  }: { host: string; port: number; folder: string; once: boolean; maxSessions: number },
  options: Omit<OwnerOptions, 'channel'>,
  batchesLeft: number,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let isEnding = false;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = () => {
      isEnding = true;
      resolve();
    };
  });
  const listener = await listenWebSocket({
    host,
    port,
    maxMessage: maxMessage(options.commitment.parameters, 'judge'),
    maxConnections: once ? 1 : maxSessions,
    onChannel: (channel, peer) => {
      if (isEnding) {
        void closeQuietly(channel);
        return;
      }
      const session = runOne({ ...options, channel }, folder, peer).then((isAccepted) => {
        running.delete(session);
        if (once && isAccepted) finish();
      });
      running.add(session);
    },
  });
  process.once('SIGINT', finish);
  process.once('SIGTERM', finish);
  const name = host.includes(':') ? `[${host}]` : host;
  note(`listening on ws://${name}:${listener.port}, ${batchesLeft} batches left; Ctrl-C ends`);
  await finished;
  if (running.size > 0) note('waiting for running sessions; Ctrl-C again to cut them off');
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.removeListener(signal, finish);
    process.once(signal, () => void listener.close());
  }
  await Promise.all(running);
  await listener.close();
}

/** Runs one session; whatever goes wrong in it stays in it. Says whether the judge's hello was accepted. */
async function runOne(options: OwnerOptions, folder: string, peer: string): Promise<boolean> {
  let isAccepted = false;
  const proving = new Progress('proving hidden pairs');
  const batch = new Progress('proving the batch');
  const name = `session ${randomBytes(3).toString('hex')}`;
  note(`${name}: judge connected from ${peer}`);
  try {
    const record = await runOwner({
      ...options,
      onStage: (stage) => {
        if (stage.kind === 'proving') proving.update(stage.done, stage.total);
        else if (stage.kind === 'proving-batch') batch.update(stage.done, stage.total);
        else note(`${name}: ${describeStage(stage)}`);
      },
    });
    isAccepted = isWorthKeeping(record);
    note(`${name}: ${summarise(record.outcome)}`);
    if (!isAccepted) return false;
    const path = join(folder, `${bytesToHex(record.session.head).slice(0, 16)}.transcript`);
    await keepTranscript(path, record.transcript, { mode: 0o600 });
    note(`${name}: transcript ${path}`);
  } catch (error) {
    const known = error instanceof VeilmarkError;
    note(`${name}: ended, ${known ? `${error.message} [${error.code}]` : String(error)}`);
  } finally {
    await closeQuietly(options.channel);
  }
  return isAccepted;
}

function describeStage(stage: Exclude<OwnerStage, { kind: 'proving' | 'proving-batch' }>): string {
  return stage.kind === 'greeted'
    ? `judge ${stage.judge}, suspect ${stage.suspect}`
    : `opening batch ${stage.batch} (${stage.size} triggers)`;
}

/** Whether the owner said hello: what strangers send before that could fill the disk, and uses up no --once. */
function isWorthKeeping({ session }: SessionRecord): boolean {
  return 'ownerHello' in (session.phase === 'aborted' ? session.before : session);
}

/** Each batch is good for one session, so strangers could use up a claim. Throws `InputError` `prove.any-judge`. */
function mustBeLoopback(host: string): void {
  if (/^(127\.|localhost$|::1$)/.test(host)) return;
  throw new InputError({
    code: 'prove.any-judge',
    message: `on ${host} anyone could connect and use up the batches of the claim`,
    hint: 'name the judge with --judge-key HEX, or say --any-judge',
  });
}

async function closeQuietly(channel: Channel): Promise<void> {
  await channel.close().catch(() => undefined);
}

function parseAddress(text: string): { host: string; port: number } {
  const match = /^(?:(.+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match || port > 65_535) {
    throw new InputError({
      code: 'usage.listen',
      message: `${JSON.stringify(text)} is not an address and port`,
      hint: 'write HOST:PORT, e.g. 127.0.0.1:7411',
    });
  }
  return { host: (match[1] ?? '127.0.0.1').replace(/^\[(.*)\]$/, '$1'), port };
}
