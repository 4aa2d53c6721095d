import { VeilmarkError } from '../../../src/base/index.js';
import { SeededStream } from '../../../src/crypto/index.js';
import { decodeTranscript, type SessionRecord } from '../../../src/protocol/index.js';
import { runOwner } from '../../../src/prover/index.js';
import { memoryChannels } from '../../../src/transport/index.js';
import { runJudge, verifyTranscript } from '../../../src/verifier/index.js';
import { markedSuspect, MemoryLedger } from '../../support/claim.js';
import { Puppet, type Turn } from '../../support/puppet.js';
import { simulatedSession } from '../../support/simulated-white-box.js';
import { smallPolicy } from '../../support/white-box.js';
import { mutate } from '../mutate.js';
import { judgeSecret, type Sessions, sessions, smallJudge, smallOwner } from '../sessions.js';
import type { FuzzTarget } from '../target.js';

/**
 * Whole sessions against a hostile peer. The first byte says who is hostile and in which mode; then two bytes for each message
 * type: what is done instead of saying it, and a seed for that.
 */
export const conversation: FuzzTarget = {
  name: 'conversation',
  quick: 25,
  seeds: () =>
    [0, 1, 2, 3].flatMap((who) => [
      Uint8Array.of(who, 0, 0, 0, 0, 0, 0, 0, 0),
      Uint8Array.of(who, 1, 7, 0, 0, 1, 9),
      Uint8Array.of(who, 0, 0, 5, 1, 3, 1),
    ]),
  run: async (input) => {
    const all = await sessions();
    const [who = 0, ...script] = input;
    const isJudgeHostile = who % 2 === 1;
    const says = hostileScript(script);
    return who & 2
      ? whiteBox(all, isJudgeHostile ? { judgeSays: says } : { ownerSays: says })
      : isJudgeHostile
        ? againstJudge(all, says)
        : againstOwner(all, says);
  },
};

type Script = ConstructorParameters<typeof Puppet>[2];
type HostileTurn = Turn<never>;

/** All types of message that a peer sends first. */
const types = [
  'hello',
  'challenge',
  'openings',
  'verdict',
  'acknowledgement',
  'digests',
  'point',
  'proofs',
  'abort',
];

function hostileScript(bytes: readonly number[]): Script {
  const cheats = types.map((type, i): [string, (turn: HostileTurn) => Promise<Uint8Array[]>] => {
    const [action = 0, seed = 0] = bytes.slice((2 * i) % Math.max(2, bytes.length));
    return [type, (turn) => act(turn, action, new SeededStream('test/fuzz-turn', [type, seed]))];
  });
  return Object.fromEntries(cheats);
}

/** What is sent in place of an honest message. */
async function act(turn: HostileTurn, action: number, stream: SeededStream): Promise<Uint8Array[]> {
  const { honest, heard, sign } = turn;
  const payload = honest.subarray(honest.indexOf(0x0a) + 1, -1);
  switch (action % 10) {
    case 1:
      return [sign({ bytes: mutate(payload, stream) })];
    case 2:
      return [mutate(honest, stream)];
    case 3:
      return heard.length > 0 ? [heard, honest] : [honest];
    case 4:
      return [honest, honest];
    case 5:
      return [
        sign({ type: 'abort', bytes: mutate(new TextEncoder().encode(abortPayload), stream) }),
      ];
    case 6:
      await turn.close();
      return [];
    case 7:
      return Array.from({ length: 12 }, () => stream.bytes(1 + stream.below(40)));
    case 8:
      return [sign({ seq: stream.below(8), type: types[stream.below(types.length)] ?? 'hello' })];
    case 9:
      return [sign({ secretKey: stream.bytes(32) }), honest];
    default:
      return [honest];
  }
}

const abortPayload = '{"code":"owner.failed","fault":"nobody","message":"no","refused":""}';

/** An honest judge, whose suspect does not hold the mark: he must never find it proved. */
async function againstOwner(all: Sessions, says: Script): Promise<string> {
  const { claim } = all;
  const [judgeEnd, ownerEnd] = memoryChannels();
  const wrong = markedSuspect(claim, (label) => ({ label: (label + 1) % 10 }));
  const cheat = runOwner({
    ...smallOwner(claim),
    channel: new Puppet(ownerEnd, claim.owner.secretKey, says),
  }).catch(ignored);
  const record = await settled(runJudge({ ...smallJudge(claim, wrong), channel: judgeEnd }));
  await judgeEnd.close();
  await cheat;
  if (typeof record !== 'string' && record.outcome.verdict === 'proved') {
    throw new Error('a suspect without the mark is found to hold it');
  }
  return judged(all, record);
}

/** An honest owner: what he opened stands in his ledger. */
async function againstJudge(all: Sessions, says: Script): Promise<string> {
  const { claim } = all;
  const [judgeEnd, ownerEnd] = memoryChannels();
  const ledger = new MemoryLedger();
  const cheat = runJudge({
    ...smallJudge(claim),
    channel: new Puppet(judgeEnd, judgeSecret, says),
  }).catch(ignored);
  const record = await settled(runOwner({ ...smallOwner(claim), ledger, channel: ownerEnd }));
  await ownerEnd.close();
  await cheat;
  const opened =
    typeof record !== 'string' &&
    decodeTranscript(record.transcript).messages.some(({ type }) => type === 'openings');
  if (opened && ledger.spendings.length !== 1) throw new Error('openings that the ledger lacks');
  return judged(all, record);
}

async function whiteBox(
  all: Sessions,
  says: { judgeSays?: Script; ownerSays?: Script },
): Promise<string> {
  const { judge, owner, error } = await simulatedSession(all.claim, all.network, says);
  if (error instanceof Error && !(error instanceof VeilmarkError) && !isPeers(error)) throw error;
  // The honest side's record; a cheat's own may hold anything.
  return judged(all, (says.judgeSays ? owner : judge) ?? 'none');
}

/** Refusals of the cheat's own code, which follows the protocol but for its messages. */
function isPeers(error: Error): boolean {
  return /ledger|puppet/i.test(error.message);
}

function ignored(): undefined {
  return undefined;
}

async function settled(session: Promise<SessionRecord>): Promise<SessionRecord | string> {
  try {
    return await session;
  } catch (error) {
    if (error instanceof VeilmarkError) return error.code;
    throw error;
  }
}

/** What a record says; a stranger who is content with its policy must find the same in its transcript. */
function judged({ claim, network }: Sessions, record: SessionRecord | string): string {
  if (typeof record === 'string') return record;
  const { outcome, session, transcript } = record;
  const reached = session.phase === 'aborted' ? session.before : session;
  const found = verifyTranscript(transcript, {
    opened: claim.commitment,
    network,
    allowDevKeys: true,
    policy: 'judgeHello' in reached ? reached.judgeHello.policy : smallPolicy,
  }).outcome;
  const parts = [found, outcome].map(({ verdict, cause, fault }) => `${verdict} ${cause} ${fault}`);
  if (parts[0] !== parts[1]) {
    throw new Error(`a stranger finds ${parts[0] ?? ''} where the party has ${parts[1] ?? ''}`);
  }
  return `${outcome.verdict} ${outcome.cause.slice(0, 16)} ${outcome.fault} ${session.phase}`;
}
