import { randomBytes } from 'node:crypto';

import { VeilmarkError } from '../base/index.js';
import type { Commitment } from '../commitment/index.js';
import type { SessionFolder, WaitingSession } from '../journal/index.js';
import { type Channel, maxMessage } from '../protocol/index.js';
import type { OwnerOptions } from '../prover/index.js';
import { type Listener, listenWebSocket, type TlsParty } from '../transport/index.js';
import type { DeskResult, OwnerDesk } from './owner-desk.js';
import { showStages, tell } from './owner-stages.js';
import { note } from './terminal.js';

/** Where a prover listens, and what it gives its visitors. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsParty | undefined;
  /** End after one session with a judge. */
  readonly once: boolean;
  readonly maxSessions: number;
  readonly perAddress: number | undefined;
  /** Seconds that running sessions get when the prover is told to end. */
  readonly grace: number;
}

/** Who serves, and for what. */
export interface Service {
  readonly desk: OwnerDesk;
  readonly sessions: SessionFolder;
  readonly commitment: Commitment;
  /** Seconds that a judge who is gone has to come back. */
  readonly patience: number;
}

/** What a judge gets to come back after the prover itself was away, however long that was: it tries every second. */
const returnSeconds = 60;

/**
 * Serves judges until a signal says to end, or after one session. Then nobody is let in any more, who has not said hello is cut off, and
 * running sessions go on for `grace` seconds, or until a second signal. Throws `EnvironmentError` `port.*`.
 */
export async function serveSessions(
  place: Place,
  { desk, sessions, commitment, patience }: Service,
  batchesLeft: number,
): Promise<void> {
  const { host, port, tls, once, maxSessions, perAddress } = place;
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
  const deadlines = new Map<string, NodeJS.Timeout>();
  /** A judge that is gone has until the owner's patience ends to come back, counted anew each time that it goes. */
  const waitFor = (name: string, milliseconds = 1000 * patience): void => {
    clearTimeout(deadlines.get(name));
    const deadline = setTimeout(() => {
      deadlines.delete(name);
      if (isEnding) return;
      void runOne(() => desk.expire(name)).then((result) => {
        if (once && isSession(result)) finish();
      });
    }, milliseconds).unref();
    deadlines.set(name, deadline);
  };
  const kept = await sessions.waiting();
  const waiting = kept.filter(({ isCarried }) => !isCarried);
  const least = Math.min(patience, returnSeconds);
  for (const { name, changed } of waiting) {
    waitFor(name, Math.max(1000 * least, changed + 1000 * patience - Date.now()));
  }
  const listener = await listenWebSocket({
    host,
    port,
    tls,
    maxMessage: maxMessage(commitment.parameters, 'judge'),
    maxConnections: once ? 1 : maxSessions,
    ...(perAddress !== undefined && { perAddress }),
    onRefused: refusalNotes(),
    onChannel: (channel, peer) => {
      if (isEnding) {
        void closeQuietly(channel);
        return;
      }
      const session = runOne(
        (onStage) =>
          desk.serve(channel, {
            onStage: (stage) => {
              if (stage.kind === 'greeted') running.set(session, undefined);
              onStage(stage);
            },
          }),
        peer,
      ).then(async (result) => {
        await closeQuietly(channel);
        running.delete(session);
        if (result?.kind === 'waiting') waitFor(result.name);
        if (once && isSession(result)) finish();
      });
      running.set(session, channel);
    },
  });
  process.once('SIGINT', finish);
  process.once('SIGTERM', finish);
  const name = `${tls ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}`;
  note(`listening on ${name}:${listener.port}, ${batchesLeft} batches left; Ctrl-C ends`);
  if (waiting.length > 0) {
    note(`${waiting.length} sessions wait for their judge to come back (--close-waiting)`);
  }
  noteCarried(kept);
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

/** Runs one session; whatever goes wrong in it stays in it. Gives nothing where it failed. */
async function runOne(
  serve: (onStage: NonNullable<OwnerOptions['onStage']>) => Promise<DeskResult | undefined>,
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

/** Ends all sessions whose judge has not come back; those by files are ended by `session abort`. */
export async function closeWaiting(desk: OwnerDesk, sessions: SessionFolder): Promise<void> {
  for (const name of await sessions.names()) await runOne(() => desk.expire(name));
}

/** Sessions by files wait for people, and no deadline runs; what others take meanwhile cannot be kept for them. */
function noteCarried(kept: readonly WaitingSession[]): void {
  const carried = kept.filter(({ isCarried }) => isCarried);
  if (carried.length === 0) return;
  note(`${carried.length} sessions by files are left as they are (\`veilmark session abort\`)`);
  if (!carried.some(({ records }) => records.length < 3)) return;
  note(
    'warning: one of them is not challenged yet; if a judge takes here the batch that it will be challenged to, it is lost',
  );
}

async function closeQuietly(channel: Channel): Promise<void> {
  await channel.close().catch(() => undefined);
}
