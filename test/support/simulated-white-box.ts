import { expect } from 'chai';

import { bytesToHex, canonicalBytes, type Json } from '../../src/base/index.js';
import { withKeys } from '../../src/cli/white-box-keys.js';
import { openPair } from '../../src/commitment/index.js';
import { bytesToField, deriveSecret, fieldToHex } from '../../src/crypto/index.js';
import type { IntegerNetwork } from '../../src/network/index.js';
import {
  atPoint,
  classificationSignals,
  decodeVerificationKey,
  digestsOf,
  encodeProof,
  encodeVerificationKey,
  foldSignals,
  type Layout,
  neuronsSignals,
  thresholdSignals,
  triggerWitness,
  type TriggerWitness,
  type VerificationKey,
  type WhiteBoxCircuit,
  type WhiteBoxKeys,
} from '../../src/proof/index.js';
import {
  advance,
  composeAbort,
  decodeOneMessage,
  type Digests,
  encodeMessage,
  type LiveSession,
  newSession,
  pointAt,
  type Proofs,
  type SessionContext,
  sessionLayout,
  type SessionRecord,
  signMessage,
} from '../../src/protocol/index.js';
import {
  type OwnerOptions,
  runOwner,
  type WhiteBoxProver,
  type WhiteBoxStatement,
} from '../../src/prover/index.js';
import { memoryChannels } from '../../src/transport/index.js';
import {
  runWhiteBoxJudge,
  type VerificationReport,
  type VerifyOptions,
  verifyTranscript,
  type WhiteBoxJudgeOptions,
} from '../../src/verifier/index.js';
import { keyFields, simulate, trapdoorFor } from '../proof/trapdoor.js';
import { type Claim, MemoryLedger, seeded } from './claim.js';
import type { Ending } from './cheat.js';
import { Puppet, type Script } from './puppet.js';
import { judgeKey, testTime } from './session.js';
import { MemoryWhiteBoxLedger, smallPolicy } from './white-box.js';

/** Trapdoors prove at once what takes seconds to prove with a witness, so that each cheat has a session of its own. */
const circuits = {
  classification: { instance: 'classification-2x2x1-16', publics: 33, named: 12 },
  fold: { instance: 'fold-16', publics: 17, named: 2 },
  neurons: { instance: 'neurons-6-6-8', publics: 12, named: 5 },
  threshold: { instance: 'threshold-40', publics: 41, named: 2 },
} as const satisfies Record<WhiteBoxCircuit, object>;

export function simulatedKey(
  circuit: WhiteBoxCircuit,
  stamp: VerificationKey['stamp'] = 'ceremony',
): VerificationKey {
  const { instance, publics } = circuits[circuit];
  const fields = { ...keyFields(trapdoorFor(publics)), instance, stamp };
  return decodeVerificationKey(encodeVerificationKey(fields));
}

export function simulatedKeys(stamp: VerificationKey['stamp'] = 'ceremony'): WhiteBoxKeys {
  return {
    classification: simulatedKey('classification', stamp),
    neurons: simulatedKey('neurons', stamp),
    threshold: simulatedKey('threshold', stamp),
  };
}

const keys = simulatedKeys();

function simulated({ circuit, signals }: WhiteBoxStatement): Uint8Array {
  const { named, publics } = circuits[circuit];
  const inputs = Object.values(signals()).slice(0, named).flat();
  return encodeProof(simulate(trapdoorFor(publics), inputs));
}

/** An owner's prover that needs no witness, and remembers what it was asked for. */
export class SimulatedProver implements WhiteBoxProver {
  readonly made: string[] = [];
  readonly #keys: WhiteBoxKeys;

  constructor(own = keys) {
    this.#keys = own;
  }

  refusal(wanted: Parameters<WhiteBoxProver['refusal']>[0]): string | undefined {
    const isOwn = bytesToHex(this.#keys.neurons.digest) === wanted.neurons;
    return isOwn ? undefined : 'other keys';
  }

  async prove(
    statements: readonly WhiteBoxStatement[],
    { onProof }: Parameters<WhiteBoxProver['prove']>[1],
  ): Promise<Uint8Array[]> {
    const proofs: Uint8Array[] = [];
    for (const statement of statements) {
      const proof = simulated(statement);
      await onProof(statement.name, proof);
      this.made.push(statement.name);
      proofs.push(proof);
    }
    return proofs;
  }
}

type Judge = Omit<WhiteBoxJudgeOptions, 'channel'>;
type Owner = Omit<OwnerOptions, 'channel'>;

export function simulatedJudge(claim: Claim, network: IntegerNetwork): Judge {
  return {
    commitment: claim.commitment,
    key: judgeKey,
    policy: { ...withKeys(smallPolicy, keys), deadlineSeconds: 5 },
    suspect: {
      kind: 'test',
      identity: bytesToHex(network.model),
      shape: '2x2x1',
      classes: 10,
      preprocessing: 'none',
      digest: '5d'.repeat(32),
    },
    network,
    fidelity: { agreed: 100, asked: 100 },
    keys,
    random: seeded('white box judge'),
    now: () => testTime,
  };
}

export function simulatedOwner(claim: Claim, network: IntegerNetwork): Owner {
  return {
    commitment: claim.commitment,
    mark: claim.mark,
    key: claim.owner,
    ledger: new MemoryLedger(),
    patienceSeconds: 5,
    random: seeded('white box owner'),
    whiteBoxLedger: new MemoryWhiteBoxLedger([network]),
    whiteBoxProver: new SimulatedProver(),
  };
}

export interface Changes {
  readonly judge?: Partial<Judge>;
  readonly owner?: Partial<Owner>;
  /** What either side says in place of its messages. */
  readonly judgeSays?: Script;
  readonly ownerSays?: Script;
}

/** Runs both sides of a small white box session in memory; of a side that fails there is no record. */
export async function simulatedSession(
  claim: Claim,
  network: IntegerNetwork,
  { judge, owner, judgeSays = {}, ownerSays = {} }: Changes = {},
): Promise<{ judge?: SessionRecord; owner?: SessionRecord; error?: unknown }> {
  const [judgeEnd, ownerEnd] = memoryChannels();
  const judgeChannel = new Puppet(judgeEnd, judgeKey.secretKey, judgeSays);
  const ownerChannel = new Puppet(ownerEnd, claim.owner.secretKey, ownerSays);
  let error: unknown;
  const kept = async (record: Promise<SessionRecord>): Promise<SessionRecord | undefined> =>
    record
      .catch((reason: unknown) => {
        error ??= reason;
        return undefined;
      })
      .finally(() => judgeEnd.close());
  const [asked, proved] = await Promise.all([
    kept(runWhiteBoxJudge({ ...simulatedJudge(claim, network), ...judge, channel: judgeChannel })),
    kept(runOwner({ ...simulatedOwner(claim, network), ...owner, channel: ownerChannel })),
  ]);
  return {
    ...(asked && { judge: asked }),
    ...(proved && { owner: proved }),
    ...(error !== undefined && { error }),
  };
}

/** Expects how a session ended, and that a stranger with its network finds the same. */
export function expectWhiteBox(
  record: SessionRecord | undefined,
  ending: Ending,
  { claim, network }: { claim: Claim; network: IntegerNetwork },
  options: VerifyOptions = {},
): VerificationReport {
  if (!record) return expect.fail('the session left no record');
  const { verdict, cause, fault } = record.outcome;
  expect({ verdict, cause, fault }).to.deep.equal(ending);
  const opened = claim.commitment;
  const report = verifyTranscript(record.transcript, {
    ...{ opened, network, policy: smallPolicy },
    ...options,
  });
  expect(report.outcome).to.deep.equal(record.outcome);
  return report;
}

/** What a cheating owner says in place of the truth. */
export interface Edits {
  readonly digests?: (honest: Digests) => Digests;
  readonly proofs?: (honest: Proofs) => Json;
  /** Declines where he could prove. */
  readonly declines?: boolean;
  /** Aborts in place of his next message, or before the judge's where it would be his turn. */
  readonly stops?: LiveSession['phase'];
}

/**
 * A judge against an owner who follows what he has said himself, edited or not, so that a lie in his digests reaches the proofs. Gives
 * the judge's record.
 */
export async function editingOwner(
  claim: Claim,
  network: IntegerNetwork,
  edits: Edits,
  judge: Partial<Judge> = {},
): Promise<SessionRecord> {
  const [judgeEnd, channel] = memoryChannels();
  const context: SessionContext = { commitment: claim.commitment, network: () => network };
  const random = seeded('editing owner');
  let session: LiveSession = newSession;
  const stop = async (): Promise<void> => {
    if (session.phase !== edits.stops) return;
    const abort = { code: 'owner.failed', fault: 'nobody' as const, message: '', refused: '' };
    const { secretKey } = claim.owner;
    const { message } = composeAbort({ session, from: 'owner', abort, secretKey });
    await channel.send(encodeMessage(message));
    throw new Error('the owner stops');
  };
  const hear = async (): Promise<void> => {
    await stop();
    const message = decodeOneMessage(await channel.receive(5));
    session = advance(session, message, context) as LiveSession;
  };
  const say = async (type: string, payload: Json): Promise<void> => {
    await stop();
    const unsigned = { seq: session.seq, from: 'owner' as const, type };
    const bytes = canonicalBytes(payload);
    const message = signMessage(
      session.head,
      { ...unsigned, payload: bytes },
      claim.owner.secretKey,
    );
    await channel.send(encodeMessage(message));
    session = advance(session, message, context) as LiveSession;
  };
  const decline: [string, Json] = ['decline', { declines: true }];
  const answer = (witnesses: readonly TriggerWitness[], layout: Layout): [string, Json] => {
    const point = pointAt(session.head, network, layout);
    const triggers = witnesses.map((witness) => atPoint(network, { layout, point, witness }));
    const proof = (circuit: WhiteBoxCircuit, signals: ReturnType<WhiteBoxStatement['signals']>) =>
      bytesToHex(simulated({ circuit, name: '', signals: () => signals }));
    const proofs: Proofs = {
      threshold: proof('threshold', thresholdSignals(triggers, layout, 2)),
      triggers: triggers.map((trigger) => ({
        blocks: trigger.publics.sums.slice(0, layout.blocks).map((sum, block) => ({
          proof: proof('neurons', neuronsSignals(trigger, layout, point, block)),
          sum: fieldToHex(sum),
        })),
        folds: trigger.publics.sums.slice(layout.blocks).map((sum, fold) => ({
          proof: proof('fold', foldSignals(trigger, layout, fold)),
          sum: fieldToHex(sum),
        })),
        index: trigger.publics.index,
        match: fieldToHex(trigger.publics.match),
        proof: proof(
          'classification',
          classificationSignals(trigger, claim.commitment, layout, point),
        ),
      })),
    };
    return ['proofs', edits.proofs?.(proofs) ?? proofs];
  };
  const owner = async (): Promise<void> => {
    await hear();
    const [coins, nonce] = [random(32), random(32)].map(bytesToHex) as [string, string];
    await say('hello', { coins, nonce, owner: bytesToHex(claim.owner.publicKey), spent: [] });
    await hear();
    const { witnesses, layout } = witnessesAt(claim, network, session, context);
    const digests: Digests = {
      triggers: witnesses.map((witness) => {
        const { neurons, logits } = digestsOf(network, layout, witness);
        const { index } = witness.opening;
        return { index, logits: fieldToHex(logits), neurons: neurons.map(fieldToHex) };
      }),
    };
    await say('digests', edits.digests?.(digests) ?? digests);
    await hear();
    await say(...(edits.declines === true ? decline : answer(witnesses, layout)));
    await hear();
    await say('acknowledgement', { agrees: true });
  };
  const [record] = await Promise.all([
    runWhiteBoxJudge({ ...simulatedJudge(claim, network), ...judge, channel: judgeEnd }).finally(
      () => judgeEnd.close(),
    ),
    owner().catch(() => undefined),
  ]);
  return record;
}

function witnessesAt(
  claim: Claim,
  network: IntegerNetwork,
  session: LiveSession,
  context: SessionContext,
) {
  if (session.phase !== 'challenged') throw new Error('there is no challenge');
  const { layout } = sessionLayout(session, context);
  const { head } = session;
  const batch = claim.commitment.order.batches[session.challenge.batch] ?? [];
  const witnesses = batch.map((index) =>
    triggerWitness(network, claim.commitment, {
      opening: openPair(claim.mark, index),
      layout,
      salts: (name) =>
        bytesToField(
          deriveSecret(head, { purpose: `veilmark/white-box-salt/1 ${name}`, index }, 64),
        ),
    }),
  );
  return { witnesses, layout };
}
