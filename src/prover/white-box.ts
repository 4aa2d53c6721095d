import { bytesToHex, EvidenceError } from '../base/index.js';
import { type Commitment, type Mark, openPair } from '../commitment/index.js';
import { bytesToField, deriveSecret, fieldToHex } from '../crypto/index.js';
import {
  type Challenged,
  type Channel,
  type Conversation,
  type Decline,
  type JudgeHello,
  pointAt,
  type Pointed,
  type Proofs,
  requireThreshold,
  sessionLayout,
  type SessionContext,
} from '../protocol/index.js';
import {
  atPoint,
  classificationSignals,
  digestsOf,
  foldSignals,
  neuronsSignals,
  proofsPerTrigger,
  type ProvenTrigger,
  type Salts,
  thresholdSignals,
  triggerWitness,
  type TriggerWitness,
  type WhiteBoxCircuit,
} from '../proof/index.js';
import type { WhiteBoxLedger } from './white-box-ledger.js';

/** What an owner brings to a white box session. */
export interface WhiteBoxOwner {
  readonly channel: Channel;
  readonly commitment: Commitment;
  readonly mark: Mark;
  readonly whiteBoxProver: WhiteBoxProver;
  readonly whiteBoxLedger: WhiteBoxLedger;
  readonly onStage?: ((stage: BatchStage) => void) | undefined;
}

/** Proofs of a session, of all triggers together. */
export interface BatchStage {
  readonly kind: 'proving-batch';
  readonly done: number;
  readonly total: number;
}

/** A statement to prove, with the name by which its proof is kept. Its signals are secret. */
export interface WhiteBoxStatement {
  readonly circuit: WhiteBoxCircuit;
  readonly name: string;
  readonly signals: () => Readonly<Record<string, bigint | readonly bigint[]>>;
}

/** Makes Groth16 proofs for white box sessions, with proving keys that the owner has pinned. */
export interface WhiteBoxProver {
  /** Why this prover cannot prove under these keys, named by the digests of a policy; nothing where it can. */
  refusal(keys: JudgeHello['policy']['whiteBoxKeys']): string | undefined;
  /** Gives the proofs' bytes in order. `onProof` is called with each as soon as it is there. */
  prove(
    statements: readonly WhiteBoxStatement[],
    options: {
      readonly keys: JudgeHello['policy']['whiteBoxKeys'];
      readonly onProof: (name: string, proof: Uint8Array) => Promise<void>;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<readonly Uint8Array[]>;
}

/** Why the owner does not enter a white box session; nothing where he does. */
export function cannotProveWhiteBox(
  {
    whiteBoxProver,
    whiteBoxLedger,
  }: {
    readonly whiteBoxProver?: WhiteBoxProver | undefined;
    readonly whiteBoxLedger?: WhiteBoxLedger | undefined;
  },
  { policy, whiteBox }: JudgeHello,
): EvidenceError | undefined {
  const digest = whiteBox?.network ?? '';
  if (!whiteBoxLedger?.network(digest)) {
    return new EvidenceError({
      code: 'prove.network',
      message: `the owner has not approved the integer network ${digest}`,
      hint: 'the owner reads the judge’s network file with `veilmark network approve`',
    });
  }
  const refusal = whiteBoxProver
    ? whiteBoxProver.refusal(policy.whiteBoxKeys)
    : 'the owner has no proving keys at hand';
  if (refusal === undefined) return undefined;
  return new EvidenceError({
    code: 'prove.keys',
    message: refusal,
    hint: 'agree on keys, and give their folder with --keys',
  });
}

/**
 * From the challenge to the proofs. What is random is derived from the mark's secret and the session, and proofs are kept as they
 * come: an owner who was stopped says the same again, byte for byte, and proves only what is missing.
 */
export async function answerWhiteBox(
  conversation: Conversation,
  options: WhiteBoxOwner,
  { context, seconds }: { context: SessionContext; seconds: number },
): Promise<void> {
  const { whiteBoxLedger: ledger } = options;
  const challenged = await conversation.hear(seconds);
  if (challenged.phase !== 'challenged') return;
  const session = bytesToHex(challenged.id);
  await ledger.challenge({
    session,
    challenge: bytesToHex(challenged.head),
    network: challenged.judgeHello.whiteBox?.network ?? '',
    batch: challenged.challenge.batch,
    judge: challenged.judgeHello.judge,
  });
  let computed: TriggerWitness[] | undefined;
  const witnesses = (): TriggerWitness[] =>
    (computed ??= witnessesOf(options, challenged, context));
  const digested = await conversation.say(() => ({
    triggers: digests(witnesses(), challenged, context),
  }));
  if (digested.phase !== 'digested') return;
  const pointed = await conversation.hear(seconds);
  if (pointed.phase !== 'pointed') return;
  await ledger.point({ session, point: bytesToHex(pointed.head) });
  const answer = (): Promise<Proofs | Decline> =>
    answerPoint(options, { pointed, witnesses: witnesses(), context });
  let declines = false;
  await conversation.say(
    async () => {
      const said = await answer();
      declines = 'declines' in said;
      return said;
    },
    { type: () => (declines ? 'decline' : 'proofs') },
  );
}

async function answerPoint(
  options: WhiteBoxOwner,
  {
    pointed,
    witnesses,
    context,
  }: { pointed: Pointed; witnesses: readonly TriggerWitness[]; context: SessionContext },
): Promise<Proofs | Decline> {
  const { channel, commitment, whiteBoxLedger: ledger, whiteBoxProver: prover, onStage } = options;
  const session = bytesToHex(pointed.id);
  const { network, layout } = sessionLayout(pointed, context);
  const least = requireThreshold(commitment.parameters, pointed.judgeHello.policy);
  if (witnesses.filter(({ match }) => match === 1n).length < least) return { declines: true };
  const point = pointAt(pointed.head, network, layout);
  const triggers = witnesses.map((witness) => atPoint(network, { layout, point, witness }));
  const statements: WhiteBoxStatement[] = triggers.flatMap((trigger) => {
    const { index } = trigger.publics;
    return [
      ...range(layout.blocks).map((block) => ({
        circuit: 'neurons' as const,
        name: `${index}/neurons/${block}`,
        signals: () => neuronsSignals(trigger, layout, point, block),
      })),
      ...range(layout.folds.length).map((fold) => ({
        circuit: 'fold' as const,
        name: `${index}/fold/${fold}`,
        signals: () => foldSignals(trigger, layout, fold),
      })),
      {
        circuit: 'classification' as const,
        name: `${index}/classification`,
        signals: () => classificationSignals(trigger, commitment, layout, point),
      },
    ];
  });
  statements.push({
    circuit: 'threshold',
    name: 'threshold',
    signals: () => thresholdSignals(triggers, layout, least),
  });
  const proofs = await proveMissing(statements, {
    session,
    ledger,
    prover,
    channel,
    pointed,
    onStage,
  });
  return proofsPayload(triggers, proofs, {
    blocks: layout.blocks,
    perTrigger: proofsPerTrigger(layout),
  });
}

async function proveMissing(
  statements: readonly WhiteBoxStatement[],
  {
    session,
    ledger,
    prover,
    channel,
    pointed,
    onStage,
  }: {
    session: string;
    ledger: WhiteBoxLedger;
    prover: WhiteBoxProver;
    channel: Channel;
    pointed: Pointed;
    onStage: WhiteBoxOwner['onStage'];
  },
): Promise<string[]> {
  const known = new Map<string, Uint8Array>();
  for (const { name } of statements) {
    const proof = await ledger.recall(session, name);
    if (proof) known.set(name, proof);
  }
  const tell = (): void =>
    onStage?.({ kind: 'proving-batch', done: known.size, total: statements.length });
  tell();
  await prover.prove(
    statements.filter(({ name }) => !known.has(name)),
    {
      keys: pointed.judgeHello.policy.whiteBoxKeys,
      signal: channel.gone,
      onProof: async (name, proof) => {
        await ledger.keep(session, name, proof);
        known.set(name, proof);
        tell();
      },
    },
  );
  return statements.map(({ name }) => bytesToHex(known.get(name) ?? new Uint8Array()));
}

function proofsPayload(
  triggers: readonly ProvenTrigger[],
  proofs: readonly string[],
  { blocks, perTrigger }: { blocks: number; perTrigger: number },
): Proofs {
  return {
    threshold: proofs.at(-1) ?? '',
    triggers: triggers.map(({ publics }, i) => {
      const own = proofs.slice(i * perTrigger, (i + 1) * perTrigger);
      const sums = publics.sums.map((sum, at) => ({ proof: own[at] ?? '', sum: fieldToHex(sum) }));
      return {
        blocks: sums.slice(0, blocks),
        folds: sums.slice(blocks),
        index: publics.index,
        match: fieldToHex(publics.match),
        proof: own.at(-1) ?? '',
      };
    }),
  };
}

function witnessesOf(
  { commitment, mark }: WhiteBoxOwner,
  session: Challenged,
  context: SessionContext,
): TriggerWitness[] {
  const { network, layout } = sessionLayout(session, context);
  const batch = commitment.order.batches[session.challenge.batch] ?? [];
  return batch.map((index) => {
    const salts = saltsFor(mark.secret, session.head, index);
    return triggerWitness(network, commitment, { opening: openPair(mark, index), layout, salts });
  });
}

/** Uniform salts that nobody can compute without the mark, other ones in every session: its head is hashed in. */
function saltsFor(secret: Uint8Array, head: Uint8Array, index: number): Salts {
  const own = deriveSecret(
    secret,
    { purpose: `veilmark/white-box-salts/1 ${bytesToHex(head)}`, index },
    64,
  );
  return (name) =>
    bytesToField(deriveSecret(own, { purpose: `veilmark/white-box-salt/1 ${name}`, index: 0 }, 64));
}

function digests(
  witnesses: readonly TriggerWitness[],
  session: Challenged,
  context: SessionContext,
) {
  const { network, layout } = sessionLayout(session, context);
  return witnesses.map((witness) => {
    const { neurons, logits } = digestsOf(network, layout, witness);
    return {
      index: witness.opening.index,
      logits: fieldToHex(logits),
      neurons: neurons.map(fieldToHex),
    };
  });
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
