import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import type { Argv } from 'yargs';

import { InputError, VeilmarkError } from '../base/index.js';
import { batchCount, type Commitment } from '../commitment/index.js';
import { systemRandom } from '../crypto/index.js';
import { mustBeWritable } from '../files/index.js';
import { SessionFolder } from '../journal/index.js';
import { type Channel, maxMessage } from '../protocol/index.js';
import { checkOwner, FileLedger, FileWhiteBoxLedger, type OwnerOptions } from '../prover/index.js';
import { listenWebSocket } from '../transport/index.js';
import { wholeNumber } from './arguments.js';
import { claimOptions, claimPaths, readCommitment, whiteBoxFolder } from './claim-folder.js';
import { counterOptions, openCounter, settleCounter } from './counter.js';
import { findHiddenProver } from './opening-prover.js';
import { type DeskResult, OwnerDesk } from './owner-desk.js';
import { serveFolder } from './owner-folder.js';
import { passphraseOptions } from './passphrase.js';
import { showStages, tell } from './owner-stages.js';
import { parsePublicKey, readKey, readMark } from './secret-files.js';
import { note } from './terminal.js';
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
          messages: {
            type: 'string',
            describe: 'Do not listen: one session whose messages are files in this folder',
          },
          expired: {
            type: 'boolean',
            default: false,
            describe: 'With --messages: the judge let its time pass; end the session',
          },
          ...counterOptions,
          'close-waiting': {
            type: 'boolean',
            default: false,
            describe: 'First end all sessions that wait for their judge to come back',
          },
        })
        .epilogue('Example:\n  $0 prove --claim claim --key owner.key --once'),
    async (args) => {
      const paths = claimPaths(args);
      const { host, port } = parseAddress(args.listen);
      const isOpen = args.judgeKey === undefined && !args.anyJudge;
      if (isOpen && args.messages === undefined) mustBeLoopback(host);
      const patience = wholeNumber('patience', args.patience, { least: 1, most: 7 * 24 * 3600 });
      const maxSessions = wholeNumber('max-sessions', args.maxSessions, { least: 1, most: 1000 });
      const commitment = await readCommitment(paths.commitment);
      const key = await readKey(args.key, args);
      const mark = await readMark(paths.mark, commitment, args);
      checkOwner({ commitment, mark, key });
      const counted = await openCounter(args, { mark: paths.mark, commitment });
      const { counter } = counted;
      const ledger = new FileLedger(paths.ledger, commitment.digest, { counter });
      const cap = wholeNumber('max-white-box', args.maxWhiteBox, { least: 0, most: 1_000_000 });
      const whiteBoxLedger = new FileWhiteBoxLedger(whiteBoxFolder(paths), commitment.digest, {
        cap,
        counter,
      });
      await settleCounter(counted, { path: paths.ledger, ledger, whiteBoxLedger }, args);
      const spent = await ledger.spent();
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
      const hiddenProver = await findHiddenProver(commitment, { keys: args.keys, workers });
      const whiteBoxProver = await openWhiteBoxProver({ keys: args.keys, workers });
      try {
        const place = { once: args.once, maxSessions, host, port };
        const provers = { hiddenProver, whiteBoxProver, whiteBoxLedger };
        const sessions = new SessionFolder({
          journals: join(paths.mark, '..', 'sessions'),
          transcripts: folder,
          commitment: commitment.digest,
          random: systemRandom,
        });
        const desk = new OwnerDesk(sessions, { ...options, ...provers });
        if (args.messages !== undefined) {
          await serveFolder(desk, { folder: args.messages, commitment, expired: args.expired });
          return;
        }
        if (args.closeWaiting) await closeWaiting(desk, sessions);
        await serveSessions(place, { desk, sessions, commitment, patience }, left);
      } finally {
        await hiddenProver?.close();
        await whiteBoxProver.close();
      }
    },
  );
}

async function serveSessions(
  { host, port, once, maxSessions }: Place,
  { desk, sessions, commitment, patience }: Service,
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
  /** A judge that is gone has until the owner's patience ends to come back. */
  const waitFor = (session: string): void => {
    setTimeout(() => {
      if (isEnding) return;
      void runOne(() => desk.expire(session)).then((result) => {
        if (once && isSession(result)) finish();
      });
    }, 1000 * patience).unref();
  };
  const listener = await listenWebSocket({
    host,
    port,
    maxMessage: maxMessage(commitment.parameters, 'judge'),
    maxConnections: once ? 1 : maxSessions,
    onChannel: (channel, peer) => {
      if (isEnding) {
        void closeQuietly(channel);
        return;
      }
      const session = runOne((onStage) => desk.serve(channel, { onStage }), peer).then(
        async (result) => {
          await closeQuietly(channel);
          running.delete(session);
          if (result?.kind === 'waiting') waitFor(result.name);
          if (once && isSession(result)) finish();
        },
      );
      running.add(session);
    },
  });
  process.once('SIGINT', finish);
  process.once('SIGTERM', finish);
  const name = host.includes(':') ? `[${host}]` : host;
  note(`listening on ws://${name}:${listener.port}, ${batchesLeft} batches left; Ctrl-C ends`);
  const waiting = (await sessions.waiting()).length;
  if (waiting > 0) note(`${waiting} sessions wait for their judge to come back (--close-waiting)`);
  await finished;
  if (running.size > 0) note('waiting for running sessions; Ctrl-C again to cut them off');
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.removeListener(signal, finish);
    process.once(signal, () => void listener.close());
  }
  await Promise.all(running);
  await listener.close();
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly once: boolean;
  readonly maxSessions: number;
}

interface Service {
  readonly desk: OwnerDesk;
  readonly sessions: SessionFolder;
  readonly commitment: Commitment;
  /** Seconds. */
  readonly patience: number;
}

/** Runs one session; whatever goes wrong in it stays in it. Gives nothing where it failed. */
async function runOne(
  serve: (onStage: OwnerOptions['onStage']) => Promise<DeskResult | undefined>,
  peer?: string,
): Promise<DeskResult | undefined> {
  const name = `session ${randomBytes(3).toString('hex')}`;
  if (peer !== undefined) note(`${name}: judge connected from ${peer}`);
  try {
    const result = await serve(showStages(name));
    if (result) tell(name, result);
    return result;
  } catch (error) {
    const known = error instanceof VeilmarkError;
    note(`${name}: ended, ${known ? `${error.message} [${error.code}]` : String(error)}`);
    return undefined;
  }
}

/** Whether it was a session with a judge, and is over: not a stranger's junk. */
function isSession(result: DeskResult | undefined): boolean {
  return result?.kind === 'over' && result.path !== undefined;
}

/** Ends all sessions whose judge has not come back. */
async function closeWaiting(desk: OwnerDesk, sessions: SessionFolder): Promise<void> {
  for (const { name } of await sessions.waiting()) await runOne(() => desk.expire(name));
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
