import { bytesToHex, equalBytes, EvidenceError } from '../base/index.js';
import {
  checkBelongs,
  type Commitment,
  type Mark,
  openingToJson,
  openPair,
} from '../commitment/index.js';
import type { KeyPair, RandomBytes } from '../crypto/index.js';
import {
  type Challenged,
  type Channel,
  coinBytes,
  Conversation,
  type OwnerHello,
  type SessionContext,
  type SessionRecord,
} from '../protocol/index.js';
import type { Ledger } from './ledger.js';

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
  /** Judges that may open a batch; all when absent. */
  readonly allowedJudges?: readonly Uint8Array[] | undefined;
  readonly allowTestOrigin?: boolean;
  readonly onStage?: ((stage: OwnerStage) => void) | undefined;
}

/** A judge's first messages take no work: strangers who say nothing must not hold a place for long. */
const promptSeconds = 60;

/** What the owner is doing, for a progress display. */
export type OwnerStage =
  | { readonly kind: 'greeted'; readonly judge: string; readonly suspect: string }
  | { readonly kind: 'opening'; readonly batch: number; readonly size: number };

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
  if (!isAllowed(options, judge)) {
    await conversation.abort(strangeJudge(judge));
    return conversation.record();
  }
  try {
    await ledger.turn(() => answerChallenge(conversation, options, prompt));
  } catch (error) {
    await conversation.abort(error);
  }
  if (conversation.session.phase !== 'opened') return conversation.record();
  const decided = await conversation.hear(patienceSeconds);
  if (decided.phase === 'decided') await conversation.say({ agrees: true });
  return conversation.record();
}

/** From the owner's hello to the openings, as far as the judge goes along. */
async function answerChallenge(
  conversation: Conversation,
  options: OwnerOptions,
  seconds: number,
): Promise<void> {
  const { commitment, ledger, onStage } = options;
  const answered = await conversation.say(await hello(options));
  if (answered.phase !== 'answered') return;
  const challenged = await conversation.hear(seconds);
  if (challenged.phase !== 'challenged') return;
  const { batch } = challenged.challenge;
  onStage?.({ kind: 'opening', batch, size: commitment.parameters.batchSize });
  const openings = openBatch(options, challenged);
  await conversation.say({ openings }, () => spend(ledger, challenged));
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
