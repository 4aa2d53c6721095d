import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { bytesToHex, VeilmarkError } from '../base/index.js';
import { type Channel, maxMessage, type SessionRecord } from '../protocol/index.js';
import { type OwnerOptions, type OwnerStage, runOwner } from '../prover/index.js';
import { type Listener, listenWebSocket, type TlsParty } from '../transport/index.js';
import { Progress } from './progress.js';
import { summarise } from './summary.js';
import { note } from './terminal.js';
import { keepTranscript } from './transcript-file.js';

/** Where a prover listens, and what it gives its visitors. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsParty | undefined;
  /** For transcripts. */
  readonly folder: string;
  /** End after one session with a judge. */
  readonly once: boolean;
  readonly maxSessions: number;
  readonly perAddress: number | undefined;
  /** Seconds that running sessions get when the prover is told to end. */
  readonly grace: number;
}

/**
 * Serves judges until a signal says to end, or after one session. Then nobody is let in any more, who has not said hello is cut off, and
 * running sessions go on for `grace` seconds, or until a second signal. Throws `EnvironmentError` `port.*`.
 */
export async function serveSessions(
  place: Place,
  options: Omit<OwnerOptions, 'channel'>,
  batchesLeft: number,
): Promise<void> {
  const { host, port, tls, folder, once, maxSessions, perAddress } = place;
  /** Running sessions, with their channels as long as no judge has said hello there. */
  const running = new Map<Promise<void>, Channel | undefined>();
  let finish: () => void = () => undefined;
  let isEnding = false;
  const finished = new Promise<void>((resolve) => {
    finish = () => {
      isEnding = true;
      resolve();
    };
  });
  const listener = await listenWebSocket({
    host,
    port,
    tls,
    maxMessage: maxMessage(options.commitment.parameters, 'judge'),
    maxConnections: once ? 1 : maxSessions,
    ...(perAddress !== undefined && { perAddress }),
    onRefused: refusalNotes(),
    onChannel: (channel, peer) => {
      if (isEnding) {
        void closeQuietly(channel);
        return;
      }
      const onGreeted = (): void => void running.set(session, undefined);
      const session = runOne({ ...options, channel }, { folder, peer, onGreeted }).then(
        (isAccepted) => {
          running.delete(session);
          if (once && isAccepted) finish();
        },
      );
      running.set(session, channel);
    },
  });
  process.once('SIGINT', finish);
  process.once('SIGTERM', finish);
  const name = `${tls ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}`;
  note(`listening on ${name}:${listener.port}, ${batchesLeft} batches left; Ctrl-C ends`);
  await finished;
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeListener(signal, finish);
  await drain(listener, running, place);
}

async function drain(
  listener: Listener,
  running: ReadonlyMap<Promise<void>, Channel | undefined>,
  { grace }: Place,
): Promise<void> {
  const cutOff = (): void => void listener.close();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, cutOff);
  const deadline = setTimeout(cutOff, 1000 * grace);
  listener.stop();
  for (const channel of running.values()) if (channel) void closeQuietly(channel);
  if ([...running.values()].includes(undefined)) {
    note(`waiting up to ${grace} seconds for running sessions; Ctrl-C again to cut them off`);
  }
  await Promise.all(running.keys());
  clearTimeout(deadline);
  await listener.close();
}

/** Says who is turned away and why, but not more than a line a second: strangers could fill a log. */
function refusalNotes(): (error: VeilmarkError, peer: string) => void {
  let last = -Infinity;
  let unsaid = 0;
  return ({ message, code }, peer) => {
    const now = performance.now();
    if (now - last < 1000) {
      unsaid++;
      return;
    }
    const more = unsaid > 0 ? `, and ${unsaid} more before` : '';
    note(`${peer}: ${message} [${code}]${more}`);
    last = now;
    unsaid = 0;
  };
}

/** Runs one session; whatever goes wrong in it stays in it. Says whether the judge's hello was accepted. */
async function runOne(
  options: OwnerOptions,
  { folder, peer, onGreeted }: { folder: string; peer: string; onGreeted: () => void },
): Promise<boolean> {
  let isAccepted = false;
  const proving = new Progress('proving hidden pairs');
  const batch = new Progress('proving the batch');
  const name = `session ${randomBytes(3).toString('hex')}`;
  note(`${name}: judge connected from ${peer}`);
  try {
    const record = await runOwner({
      ...options,
      onStage: (stage) => {
        if (stage.kind === 'greeted') onGreeted();
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

async function closeQuietly(channel: Channel): Promise<void> {
  await channel.close().catch(() => undefined);
}
