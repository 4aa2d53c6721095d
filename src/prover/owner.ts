import { bytesToHex, equalBytes, EvidenceError, VeilmarkError } from '../base/index.js';
import {
  batchCount,
  checkBelongs,
  type Commitment,
  type Mark,
  openingToJson,
  openPair,
} from '../commitment/index.js';
import { type KeyPair, type RandomBytes, sessionRandom } from '../crypto/index.js';
import {
  advance,
  asksProofs,
  type Challenged,
  type Channel,
  coinBytes,
  Conversation,
  decodeOneMessage,
  type Greeted,
  type HiddenProof,
  isLive,
  type Journal,
  type JournalRecord,
  type JudgeHello,
  newSession,
  type OwnerHello,
  pickHidden,
  type Policy,
  type Session,
  type SessionContext,
  type SessionRecord,
  type SpentBatch,
} from '../protocol/index.js';
import { openingSignals, type OpeningSignals } from '../proof/index.js';
import type { Ledger } from './ledger.js';
import type { Patience } from './offers.js';
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
  /** What other processes do with the same claim; by default there is none. */
  readonly others?: OtherProcesses | undefined;
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

/** Sessions of one claim in several processes, from what they keep on disk. */
export interface OtherProcesses {
  /** Batches that sessions of any process hold, this one's included. */
  held(): Promise<readonly SpentBatch[]>;
  /** Runs `work` while no other process is in it. Throws `EnvironmentError` `file.locked`. */
  alone<T>(work: () => Promise<T>): Promise<T>;
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
  const { channel, commitment, key, patienceSeconds, onStage } = options;
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
  if (channel.peer && bytesToHex(channel.peer) !== judge) {
    await conversation.abort(foreignLine(judge, channel.peer));
    return conversation.record();
  }
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
    else await answerChallenge(conversation, own, { greeted, prompt });
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
    whiteBoxLedger.greet(bytesToHex(greeted.head), hello(options, await options.ledger.spent())),
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
  { greeted, prompt }: { greeted: Greeted; prompt: number },
): Promise<void> {
  const { channel, commitment, ledger, onStage } = options;
  // The judge waits for the hello no longer than its policy says, and is told in time that nothing comes.
  const wait = Math.min(greeted.judgeHello.policy.deadlineSeconds / 2, promptSeconds);
  const patience = { seconds: wait, signal: channel.gone };
  const offer = (used = 0) => offerBatches(conversation, options, { patience, prompt, used });
  // A session that was challenged in an earlier process waits for nobody, and nobody waits for one whose judge is gone.
  const isAlone = conversation.holds('challenge') || channel.gone?.aborted === true;
  const { others } = options;
  const offered = isAlone
    ? await offer()
    : await ledger.offers.turn(
        patience,
        (used) => (others ? others.alone(() => offer(used)) : offer(used)),
        {
          name: bytesToHex(greeted.head),
          isCut: (error) => wasCut(conversation, error),
        },
      );
  if (!offered) return;
  const { challenged, release } = offered;
  const { batch } = challenged.challenge;
  const answer = async () => {
    channel.gone?.throwIfAborted();
    const hidden = await proveHidden(options, challenged);
    channel.gone?.throwIfAborted(); // nobody would hear them, and the batch would be lost
    onStage?.({ kind: 'opening', batch, size: commitment.parameters.batchSize });
    return { hidden, openings: openBatch(options, challenged) };
  };
  try {
    await conversation.say(answer, {
      beforeSending: () =>
        ledger.spend({ ...spentBy(challenged), challenge: bytesToHex(challenged.head) }),
    });
  } catch (error) {
    // A session that waits for its judge to come back keeps its batch.
    if (!conversation.isSuspendedBy(error)) release();
    throw error;
  }
  release();
}

/** Says hello with the batches that are left, and holds the one that the challenge picks. */
async function offerBatches(
  conversation: Conversation,
  options: OwnerOptions,
  { patience, prompt, used }: { patience: Patience; prompt: number; used: number },
): Promise<{ challenged: Challenged; release: () => void } | undefined> {
  const { channel, commitment, ledger } = options;
  const answered = await conversation.say(async () => {
    const gone = await goneBatches(options, batchCount(commitment.parameters), patience);
    channel.gone?.throwIfAborted();
    return hello(options, gone);
  });
  if (answered.phase !== 'answered') return undefined;
  const receipts = answered.ownerHello.spent.length;
  const seconds = Math.max(1, challengeSeconds(receipts) - used);
  const challenged = await conversation.hear(Math.min(prompt, seconds));
  if (challenged.phase !== 'challenged') return undefined;
  return { challenged, release: ledger.offers.hold(spentBy(challenged)) };
}

/** A round trip, as others wait for their turn meanwhile, and time to verify the receipts. */
function challengeSeconds(receipts: number): number {
  return 10 + receipts / 50;
}

/** Whether a line ended between the owner's hello and the challenge: its judge may have said it already. */
function wasCut({ session }: Conversation, error: unknown): boolean {
  return (
    session.phase === 'answered' && error instanceof VeilmarkError && error.code === 'peer.closed'
  );
}

/** Seconds after which a held batch is looked for again: another process tells nobody that it let one go. */
const lookAgainSeconds = 1;

/** Batches that are not left, ascending: opened ones, and those that other sessions hold. Waits while those are all. */
async function goneBatches(
  { ledger, others: processes }: Pick<OwnerOptions, 'ledger' | 'others'>,
  batches: number,
  { seconds, signal }: Patience,
): Promise<SpentBatch[]> {
  const deadline = performance.now() + 1000 * seconds;
  for (;;) {
    // Held ones first: what goes from there into the ledger meanwhile is then seen twice, not never.
    const held = processes ? await processes.held() : ledger.offers.held;
    const opened = await ledger.spent();
    const isOpened = new Set(opened.map(({ batch }) => batch));
    const others = held.filter(({ batch }) => !isOpened.has(batch));
    if (others.length === 0 || opened.length + others.length < batches) {
      return [...opened, ...others].sort((a, b) => a.batch - b.batch);
    }
    const left = Math.max(0, deadline - performance.now()) / 1000;
    const pause = Math.min(left, lookAgainSeconds);
    await ledger.offers.released({ seconds: pause, signal }).catch((error: unknown) => {
      if (left <= pause || signal?.aborted === true) throw error;
    });
  }
}

function hello({ commitment, random }: OwnerOptions, spent: SpentBatch[]): OwnerHello {
  return {
    coins: bytesToHex(random(coinBytes)),
    nonce: bytesToHex(random(32)),
    owner: bytesToHex(commitment.owner),
    spent,
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

/**
 * The batch that the challenge in a journal picked, where the openings are not in it yet: it is not for others as long as the session
 * may go on. Nothing for any other journal.
 */
export function challengedBatch(
  records: readonly JournalRecord[],
  commitment: Commitment,
): SpentBatch | undefined {
  const context = { commitment, allowTestOrigin: true, allowDevKeys: true };
  // The hellos and the challenge; with more the openings are kept, or the session is over.
  if (records.length !== 3) return undefined;
  let session: Session = newSession;
  try {
    for (const { message } of records) {
      if (!isLive(session)) return undefined;
      session = advance(session, decodeOneMessage(message), context);
    }
  } catch (error) {
    // A white box session, whose network is not at hand: it spends nothing.
    if (error instanceof VeilmarkError) return undefined;
    throw error;
  }
  if (session.phase !== 'challenged' || session.judgeHello.mode !== 'black-box') return undefined;
  return spentBy(session);
}

function spentBy({ challenge, judgeHello, id }: Challenged): SpentBatch {
  const { batch, receipt } = challenge;
  return { batch, judge: judgeHello.judge, receipt, session: bytesToHex(id) };
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

function foreignLine(judge: string, peer: Uint8Array): EvidenceError {
  return new EvidenceError({
    code: 'peer.identity',
    message: `the connection is of ${bytesToHex(peer)}, and the hello of the judge ${judge}`,
    hint: 'connect with the key that signs the session',
  });
}
