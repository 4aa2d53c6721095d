import { bytesToHex, equalBytes, EvidenceError } from '../base/index.js';
import {
  checkBelongs,
  type Commitment,
  type Mark,
  openingToJson,
  openPair,
} from '../commitment/index.js';
import { type KeyPair, type RandomBytes, sessionRandom } from '../crypto/index.js';
import {
  asksProofs,
  type Challenged,
  type Channel,
  coinBytes,
  Conversation,
  type Greeted,
  type HiddenProof,
  isLive,
  type Journal,
  type JudgeHello,
  type OwnerHello,
  pickHidden,
  type Policy,
  type SessionContext,
  type SessionRecord,
} from '../protocol/index.js';
import { openingSignals, type OpeningSignals } from '../proof/index.js';
import type { Ledger } from './ledger.js';
import {
  answerWhiteBox,
  type BatchStage,
  cannotProveWhiteBox,
  type WhiteBoxProver,
} from './white-box.js';
import type { WhiteBoxLedger } from './white-box-ledger.js';

/** What an owner brings to a session. */
export interface OwnerOptions {
  readonly channel: Channel;
  readonly commitment: Commitment;
  readonly mark: Mark;
  readonly key: KeyPair;
  readonly ledger: Ledger;
  /** Seconds to wait for the verdict, as asking the suspect may take long; other messages get a minute at most. */
  readonly patienceSeconds: number;
  readonly random: RandomBytes;
  /** The journal of the session that a judge's hello begins, new or from an earlier process; its secret takes the place of `random`. */
  readonly journalOf?: ((hello: Uint8Array) => Promise<Journal>) | undefined;
  /** Judges that may open a batch; all when absent. */
  readonly allowedJudges?: readonly Uint8Array[] | undefined;
  readonly allowTestOrigin?: boolean;
  /** Proves hidden pairs well-formed; a judge who asks for that is refused without it. */
  readonly hiddenProver?: HiddenProver | undefined;
  /** For white box sessions; a judge who asks for one is refused without them. */
  readonly whiteBoxProver?: WhiteBoxProver | undefined;
  readonly whiteBoxLedger?: WhiteBoxLedger | undefined;
  readonly onStage?: ((stage: OwnerStage) => void) | undefined;
}

/** A judge's first messages take no work: strangers who say nothing must not hold a place for long. */
const promptSeconds = 60;

/** What the owner is doing, for a progress display. */
export type OwnerStage =
  | { readonly kind: 'greeted'; readonly judge: string; readonly suspect: string }
  | { readonly kind: 'proving'; readonly done: number; readonly total: number }
  | BatchStage
  | { readonly kind: 'opening'; readonly batch: number; readonly size: number };

/** Makes Groth16 proofs that pairs are well-formed, with a proving key that the owner has pinned. */
export interface HiddenProver {
  /** Digest of the verification key: a judge who asks for another key is refused. */
  readonly keyDigest: Uint8Array;
  /** Gives the proofs' bytes, in order, for the circuit `opening` with these signals. */
  prove(
    signals: readonly OpeningSignals[],
    options: {
      readonly onProgress: (done: number) => void;
      /** Aborted when the judge is gone. */
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<readonly Uint8Array[]>;
}

/**
 * The owner's side of a black box session. The batch is in the ledger, on disk, before its openings are sent. Every
 * failure of the judge ends in a record; only what makes a session impossible throws (`EvidenceError`
 * `mark.commitment`, `prove.key`, `prove.origin`; `EnvironmentError` `peer.*` from a peer who never said hello).
 */
export async function runOwner(options: OwnerOptions): Promise<SessionRecord> {
  const { channel, commitment, key, ledger, patienceSeconds, onStage } = options;
  checkOwner(options);
  const context: SessionContext = {
    commitment,
    allowTestOrigin: options.allowTestOrigin ?? false,
    // Whether a key is sound is the judge's concern; the owner proves only with the key that it pinned itself.
    allowDevKeys: true,
    network: (digest) => options.whiteBoxLedger?.network(digest),
  };
  const conversation = new Conversation({
    channel,
    context,
    party: 'owner',
    secretKey: key.secretKey,
  });
  const prompt = Math.min(patienceSeconds, promptSeconds);
  const greeted = await conversation.hear(prompt);
  if (greeted.phase !== 'greeted') return conversation.record();
  const { judge, suspect } = greeted.judgeHello;
  onStage?.({ kind: 'greeted', judge, suspect: `${suspect.kind} ${suspect.identity}` });
  const journal = await options.journalOf?.(conversation.lastHeard());
  const refusal = refusalOf(options, greeted.judgeHello);
  if (refusal) {
    // What was promised before is not taken back: the owner sets his options right and goes on.
    if (journal && journal.records.length > 0) throw refusal;
    await conversation.abort(refusal);
    return conversation.record();
  }
  if (journal) await conversation.attach(journal);
  const own = {
    ...options,
    random: journal ? sessionRandom(journal.secret)('hello') : options.random,
  };
  const isWhiteBox = greeted.judgeHello.mode === 'white-box';
  try {
    if (isWhiteBox) await greetWhiteBox(conversation, own, { greeted, context, prompt });
    else if (conversation.holds('openings')) await answerChallenge(conversation, own, prompt);
    else await ledger.turn(() => answerChallenge(conversation, own, prompt));
  } catch (error) {
    if (conversation.isSuspendedBy(error)) throw error;
    if (isLive(conversation.session)) await conversation.abort(error);
  }
  const { phase } = conversation.session;
  if (phase !== 'opened' && phase !== 'shown') return conversation.record();
  const decided = await conversation.hear(patienceSeconds);
  if (decided.phase === 'decided' || decided.phase === 'concluded') {
    await conversation.say(() => ({ agrees: true }));
    if ('conclusion' in decided) await options.whiteBoxLedger?.forget(bytesToHex(decided.id));
  }
  return conversation.record();
}

/** From the owner's hello to the proofs. The hello is recorded, so that the same judge's hello always gets the same answer. */
async function greetWhiteBox(
  conversation: Conversation,
  options: OwnerOptions,
  { greeted, context, prompt }: { greeted: Greeted; context: SessionContext; prompt: number },
): Promise<void> {
  const { whiteBoxLedger, whiteBoxProver } = options;
  if (!whiteBoxLedger || !whiteBoxProver) return;
  const answered = await conversation.say(async () =>
    whiteBoxLedger.greet(bytesToHex(greeted.head), await hello(options)),
  );
  if (answered.phase !== 'answered') return;
  await answerWhiteBox(
    conversation,
    { ...options, whiteBoxLedger, whiteBoxProver },
    { context, seconds: prompt },
  );
}

/** From the owner's hello to the openings, as far as the judge goes along. */
async function answerChallenge(
  conversation: Conversation,
  options: OwnerOptions,
  seconds: number,
): Promise<void> {
  const { channel, commitment, ledger, onStage } = options;
  const answered = await conversation.say(() => hello(options));
  if (answered.phase !== 'answered') return;
  const challenged = await conversation.hear(seconds);
  if (challenged.phase !== 'challenged') return;
  const { batch } = challenged.challenge;
  const answer = async () => {
    channel.gone?.throwIfAborted();
    const hidden = await proveHidden(options, challenged);
    channel.gone?.throwIfAborted(); // nobody would hear them, and the batch would be lost
    onStage?.({ kind: 'opening', batch, size: commitment.parameters.batchSize });
    return { hidden, openings: openBatch(options, challenged) };
  };
  await conversation.say(answer, { beforeSending: () => spend(ledger, challenged) });
}

async function hello({ commitment, ledger, random }: OwnerOptions): Promise<OwnerHello> {
  return {
    coins: bytesToHex(random(coinBytes)),
    nonce: bytesToHex(random(32)),
    owner: bytesToHex(commitment.owner),
    spent: await ledger.spent(),
  };
}

function openBatch({ commitment, mark }: OwnerOptions, { challenge }: Challenged) {
  const batch = commitment.order.batches[challenge.batch] ?? [];
  return batch.map((index) => openingToJson(openPair(mark, index)));
}

/** The proofs that the coins ask for. Nothing is spent yet: a prover that fails here has lost nothing. */
async function proveHidden(
  { channel, commitment, mark, hiddenProver, onStage }: OwnerOptions,
  challenged: Challenged,
): Promise<HiddenProof[]> {
  const picked = pickHidden(challenged, commitment);
  if (!hiddenProver || picked.length === 0) return [];
  const onProgress = (done: number): void =>
    onStage?.({ kind: 'proving', done, total: picked.length });
  onProgress(0);
  const proofs = await hiddenProver.prove(
    picked.map((index) => openingSignals(commitment, openPair(mark, index), challenged.head)),
    { onProgress, signal: channel.gone },
  );
  return picked.map((index, i) => ({ index, proof: bytesToHex(proofs[i] ?? new Uint8Array()) }));
}

/** Why the owner does not enter a session with this judge; nothing where he does. */
function refusalOf(options: OwnerOptions, hello: JudgeHello): EvidenceError | undefined {
  if (!isAllowed(options, hello.judge)) return strangeJudge(hello.judge);
  return hello.mode === 'white-box'
    ? cannotProveWhiteBox(options, hello)
    : cannotProve(options, hello.policy);
}

function cannotProve({ hiddenProver }: OwnerOptions, policy: Policy): EvidenceError | undefined {
  if (!asksProofs(policy)) return undefined;
  if (hiddenProver && bytesToHex(hiddenProver.keyDigest) === policy.openingKey) return undefined;
  return new EvidenceError({
    code: 'prove.opening-key',
    message: hiddenProver
      ? `the judge asks for proofs under the key ${policy.openingKey}, the owner proves with ${bytesToHex(hiddenProver.keyDigest)}`
      : 'the judge asks for proofs of hidden pairs, and the owner has no proving key at hand',
    hint: 'agree on a key, and give its folder with --keys',
  });
}

/** Records the challenge and the batch before anything secret leaves. */
async function spend(ledger: Ledger, { challenge, judgeHello, id, head }: Challenged) {
  await ledger.spend({
    batch: challenge.batch,
    challenge: bytesToHex(head),
    judge: judgeHello.judge,
    receipt: challenge.receipt,
    session: bytesToHex(id),
  });
}

/** What must hold before any session. Throws `EvidenceError` `mark.commitment`, `prove.key`, `prove.origin`. */
export function checkOwner({
  commitment,
  mark,
  key,
  allowTestOrigin,
}: Pick<OwnerOptions, 'commitment' | 'mark' | 'key' | 'allowTestOrigin'>): void {
  checkBelongs(mark, commitment);
  if (!equalBytes(key.publicKey, commitment.owner)) {
    throw new EvidenceError({
      code: 'prove.key',
      message: 'the key is not the one that signed the commitment',
      hint: 'use the key file that was given to `veilmark commit`',
    });
  }
  if (mark.origin === 'test' && allowTestOrigin !== true) {
    throw new EvidenceError({
      code: 'prove.origin',
      message: 'the mark was made from a short test seed, which anyone can guess',
      hint: 'make a commitment without --seed',
    });
  }
}

function isAllowed({ allowedJudges }: OwnerOptions, judge: string): boolean {
  return !allowedJudges || allowedJudges.some((allowed) => bytesToHex(allowed) === judge);
}

function strangeJudge(judge: string): EvidenceError {
  return new EvidenceError({
    code: 'prove.judge',
    message: `the judge ${judge} is not one of those that may open a batch`,
    hint: 'add --judge-key with the judge’s public key',
  });
}
