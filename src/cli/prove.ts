import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Argv } from 'yargs';

import { bytesToHex, InputError, VeilmarkError } from '../base/index.js';
import { batchCount, checkBelongs } from '../commitment/index.js';
import { systemRandom } from '../crypto/index.js';
import { writeFileAtomic } from '../files/index.js';
import { type Channel, maxMessage } from '../protocol/index.js';
import { FileLedger, type OwnerOptions, runOwner } from '../prover/index.js';
import { listenWebSocket } from '../transport/index.js';
import { claimOptions, claimPaths, readCommitment } from './claim-folder.js';
import { passphraseOptions } from './passphrase.js';
import { parsePublicKey, readKey, readMark } from './secret-files.js';
import { summarise } from './summary.js';
import { note } from './terminal.js';

export function addProve(program: Argv): Argv {
  return program.command(
    'prove',
    'Listen for judges and open a batch of the claim to each',
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
            describe: 'Public key of a judge that may open a batch; any judge without it',
          },
          once: { type: 'boolean', default: false, describe: 'End after one session' },
          patience: {
            type: 'number',
            default: 3600,
            describe: 'Seconds to wait for each message of the judge',
          },
          'max-sessions': { type: 'number', default: 16, describe: 'Sessions at a time' },
          transcripts: {
            type: 'string',
            describe: 'Folder for the transcript of each session [beside the mark]',
          },
        })
        .example('$0 prove --claim claim --key owner.key --once', 'One session, then end'),
    async (args) => {
      const paths = claimPaths(args);
      const { host, port } = parseAddress(args.listen);
      const commitment = await readCommitment(paths.commitment);
      const key = await readKey(args.key, args);
      const mark = await readMark(paths.mark, commitment, args);
      checkBelongs(mark, commitment);
      const ledger = new FileLedger(paths.ledger, commitment.digest);
      const left = batchCount(commitment.parameters) - (await ledger.spent()).length;
      const options: Omit<OwnerOptions, 'channel'> = {
        commitment,
        mark,
        key,
        ledger,
        patienceSeconds: args.patience,
        random: systemRandom,
        allowedJudges: args.judgeKey?.map(parsePublicKey),
      };
      const folder = args.transcripts ?? join(paths.mark, '..', 'transcripts');
      await serveSessions({ ...args, host, port, folder }, options, left);
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
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const listener = await listenWebSocket({
    host,
    port,
    maxMessage: maxMessage(options.commitment.parameters),
    maxConnections: once ? 1 : maxSessions,
    onChannel: (channel, peer) => {
      const session = runOne({ ...options, channel }, folder, peer).finally(() => {
        running.delete(session);
        if (once) finish();
      });
      running.add(session);
    },
  });
  process.once('SIGINT', finish);
  process.once('SIGTERM', finish);
  note(`listening on ws://${host}:${listener.port}, ${batchesLeft} batches left; Ctrl-C ends`);
  await finished;
  if (running.size > 0) note('waiting for running sessions; Ctrl-C again to cut them off');
  process.once('SIGINT', () => void listener.close());
  await Promise.all(running);
  await listener.close();
}

/** Runs one session; whatever goes wrong in it stays in it. */
async function runOne(options: OwnerOptions, folder: string, peer: string): Promise<void> {
  const name = `session ${randomBytes(3).toString('hex')}`;
  note(`${name}: judge connected from ${peer}`);
  try {
    const record = await runOwner({
      ...options,
      onStage: (stage) => {
        note(
          stage.kind === 'greeted'
            ? `${name}: judge ${stage.judge}, suspect ${stage.suspect}`
            : `${name}: opening batch ${stage.batch} (${stage.size} triggers)`,
        );
      },
    });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${bytesToHex(record.session.head).slice(0, 16)}.transcript`);
    await writeFileAtomic(path, record.transcript, { mode: 0o600 });
    note(`${name}: ${summarise(record.outcome)}; transcript ${path}`);
  } catch (error) {
    const known = error instanceof VeilmarkError;
    note(`${name}: ended, ${known ? `${error.message} [${error.code}]` : String(error)}`);
  } finally {
    await closeQuietly(options.channel);
  }
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
