import { join } from 'node:path';

import type { Argv } from 'yargs';

import { InputError } from '../base/index.js';
import { batchCount } from '../commitment/index.js';
import { systemRandom } from '../crypto/index.js';
import { mustBeWritable } from '../files/index.js';
import { SessionFolder } from '../journal/index.js';
import { checkOwner, FileLedger, FileWhiteBoxLedger, type OwnerOptions } from '../prover/index.js';
import { isLoopback } from '../transport/index.js';
import { wholeNumber } from './arguments.js';
import { claimOptions, claimPaths, readCommitment, whiteBoxFolder } from './claim-folder.js';
import { counterOptions, openCounter, settleCounter } from './counter.js';
import { listeningLine, plainLineOption } from './line.js';
import { findHiddenProver } from './opening-prover.js';
import { OwnerDesk } from './owner-desk.js';
import { serveFolder } from './owner-folder.js';
import { passphraseOptions } from './passphrase.js';
import { parsePublicKey, readKey, readMark } from './secret-files.js';
import { closeWaiting, serveSessions } from './serving.js';
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
            default: 4 * 3600,
            describe:
              'Seconds to wait for the verdict, as slow suspects take hours; the judge’s first messages get at most a minute',
          },
          ...plainLineOption,
          'max-sessions': {
            type: 'number',
            requiresArg: true,
            default: 16,
            describe: 'Sessions at a time',
          },
          'max-per-address': {
            type: 'number',
            requiresArg: true,
            describe: 'Connections of one address at a time [4; on the loopback no limit]',
          },
          grace: {
            type: 'number',
            requiresArg: true,
            default: 60,
            describe: 'Seconds that running sessions get when the prover is told to end',
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
            describe:
              'First end all sessions that wait for their judge to come back, but those by files',
          },
        })
        .epilogue('Example:\n  $0 prove --claim claim --key owner.key --once'),
    async (args) => {
      const paths = claimPaths(args);
      const { host, port } = parseAddress(args.listen);
      const isOpen = args.judgeKey === undefined && !args.anyJudge;
      const isListening = args.messages === undefined;
      if (isOpen && isListening) mustBeLoopback(host);
      const patience = wholeNumber('patience', args.patience, { least: 1, most: 7 * 24 * 3600 });
      const maxSessions = wholeNumber('max-sessions', args.maxSessions, { least: 1, most: 1000 });
      const perAddress = perAddressOf(args, host);
      const grace = wholeNumber('grace', args.grace, { least: 0, most: 7 * 24 * 3600 });
      const judges = args.judgeKey?.map((text) => parsePublicKey('judge-key', text));
      const commitment = await readCommitment(paths.commitment);
      const key = await readKey(args.key, args);
      const tls = isListening
        ? await listeningLine({ ...args, host, pins: judges }, key)
        : undefined;
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
        allowedJudges: judges,
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
        const limits = { maxSessions, perAddress, grace };
        const place = { once: args.once, host, port, tls, ...limits };
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

/** Each batch is good for one session, so strangers could use up a claim. Throws `InputError` `prove.any-judge`. */
function mustBeLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new InputError({
    code: 'prove.any-judge',
    message: `on ${host} anyone could connect and use up the batches of the claim`,
    hint: 'name the judge with --judge-key HEX, or say --any-judge',
  });
}

function perAddressOf(args: { maxPerAddress?: number | undefined }, host: string) {
  const { maxPerAddress = isLoopback(host) ? undefined : 4 } = args;
  if (maxPerAddress === undefined) return undefined;
  return wholeNumber('max-per-address', maxPerAddress, { least: 1, most: 10_000 });
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
