import { EnvironmentError, equalBytes, VeilmarkError } from '../../src/base/index.js';
import {
  type Channel,
  maxMessage,
  type SessionRecord,
  type Suspect,
} from '../../src/protocol/index.js';
import { runOwner } from '../../src/prover/index.js';
import { connectWebSocket, listenWebSocket, memoryChannels } from '../../src/transport/index.js';
import { runJudge } from '../../src/verifier/index.js';
import type { Claim } from '../../test/support/claim.js';
import { judgeOptions, ownerOptions } from '../../test/support/session.js';
import { misbehaving, type Misdeed } from './misbehave.js';

/** What one session of a soak is like. */
export interface Plan {
  readonly over: 'memory' | 'websocket';
  /** The party that misbehaves, if one does, at which of its messages, and how. */
  readonly bad?: {
    readonly party: 'judge' | 'owner';
    readonly misdeed: Misdeed;
    readonly at: number;
  };
}

/** Seconds that a party waits for a peer who may be a bad one. */
const patience = 1;

/** Pairs of connected channels of one kind, for many sessions. */
export interface Line {
  readonly connect: () => Promise<readonly [judge: Channel, owner: Channel]>;
  readonly close: () => Promise<void>;
}

/** Opens a line: within the process, or over one listening socket on this machine. */
export async function openLine(over: Plan['over'], { commitment }: Claim): Promise<Line> {
  if (over === 'memory') {
    return { connect: () => Promise.resolve(memoryChannels()), close: () => Promise.resolve() };
  }
  const { parameters } = commitment;
  const arrivals: ((channel: Channel) => void)[] = [];
  const listener = await listenWebSocket({
    host: '127.0.0.1',
    port: 0,
    maxMessage: maxMessage(parameters, 'judge'),
    maxConnections: 100,
    onChannel: (channel) => arrivals.shift()?.(channel),
  });
  // One handshake after another, so that each end finds its other one.
  let last: Promise<unknown> = Promise.resolve();
  const connect = async (): Promise<readonly [Channel, Channel]> => {
    const arrived = new Promise<Channel>((resolve) => arrivals.push(resolve));
    const judge = await connectWebSocket(`ws://127.0.0.1:${listener.port}`, {
      maxMessage: maxMessage(parameters, 'owner'),
      seconds: 10,
    });
    return [judge, await arrived];
  };
  return {
    connect: () => {
      const connected = last.then(connect);
      last = connected.catch(() => undefined);
      return connected;
    },
    close: () => listener.close(),
  };
}

/** How a session went: as it should, or what was lost. */
export async function soakSession(
  { claim, suspect }: { claim: Claim; suspect: Suspect },
  line: Line,
  { bad }: Plan,
): Promise<string | undefined> {
  const [judgeEnd, ownerEnd] = await line.connect();
  const ends = {
    judge: bad?.party === 'judge' ? misbehaving(judgeEnd, bad) : judgeEnd,
    owner: bad?.party === 'owner' ? misbehaving(ownerEnd, bad) : ownerEnd,
  };
  const judging = judgeOptions(claim, ends.judge, suspect);
  const deadlineSeconds = bad ? patience : 60;
  try {
    const [judge, owner] = await Promise.all([
      closing(ends.judge, runJudge({ ...judging, policy: { ...judging.policy, deadlineSeconds } })),
      closing(
        ends.owner,
        runOwner({ ...ownerOptions(claim, ends.owner), patienceSeconds: deadlineSeconds }),
      ),
    ]);
    return bad ? stoodUp({ judge, owner }, bad.party) : agreed(judge, owner);
  } finally {
    await Promise.all([judgeEnd.close(), ownerEnd.close()]);
  }
}

type Ending = SessionRecord | VeilmarkError;

/** A party that has ended hangs up, as the commands do; a coded error is an ending too. */
async function closing(channel: Channel, session: Promise<SessionRecord>): Promise<Ending> {
  try {
    return await session;
  } catch (error) {
    if (error instanceof VeilmarkError) return error;
    throw error;
  } finally {
    await channel.close();
  }
}

function agreed(judge: Ending, owner: Ending): string | undefined {
  if (judge instanceof VeilmarkError) return `the judge: ${judge.code}`;
  if (owner instanceof VeilmarkError) return `the owner: ${owner.code}`;
  const { verdict, cause } = judge.outcome;
  const isSame = equalBytes(judge.session.head, owner.session.head);
  return verdict === 'proved' && isSame ? undefined : `${verdict} ${cause}, same head: ${isSame}`;
}

/** The honest party ends with a record, or with a coded error where the peer never said hello. */
function stoodUp(
  ends: Record<'judge' | 'owner', Ending>,
  bad: 'judge' | 'owner',
): string | undefined {
  const honest = ends[bad === 'judge' ? 'owner' : 'judge'];
  if (honest instanceof EnvironmentError) return undefined;
  return honest instanceof VeilmarkError && !/^(message|peer|session)\./.test(honest.code)
    ? `refused with ${honest.code}`
    : undefined;
}
