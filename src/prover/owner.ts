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
  /** Seconds to wait for each message of the judge; asking the suspect may take long. */
  readonly patienceSeconds: number;
  readonly random: RandomBytes;
  /** Judges that may open a batch; all when absent. */
  readonly allowedJudges?: readonly Uint8Array[] | undefined;
  readonly allowTestOrigin?: boolean;
  readonly onStage?: ((stage: OwnerStage) => void) | undefined;
}

/** What the owner is doing, for a progress display. */
export type OwnerStage =
  | { readonly kind: 'greeted'; readonly judge: string; readonly suspect: string }
  | { readonly kind: 'opening'; readonly batch: number; readonly size: number };

/**
 * The owner's side of a black box session. The batch is in the ledger, on disk, before its openings are sent. Every
 * failure of the judge ends in a record; only what makes a session impossible throws (`EvidenceError`
 * `mark.commitment`, `prove.key`, `prove.origin`).
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
  const greeted = await conversation.hear(patienceSeconds);
  if (greeted.phase !== 'greeted') return conversation.record();
  const { judge, suspect } = greeted.judgeHello;
  onStage?.({ kind: 'greeted', judge, suspect: `${suspect.kind} ${suspect.identity}` });
  if (!isAllowed(options, judge)) {
    await conversation.abort(strangeJudge(judge));
    return conversation.record();
  }
  try {
    const answered = await conversation.say(await hello(options));
    if (answered.phase !== 'answered') return conversation.record();
    const challenged = await conversation.hear(patienceSeconds);
    if (challenged.phase !== 'challenged') return conversation.record();
    onStage?.({
      kind: 'opening',
      batch: challenged.challenge.batch,
      size: commitment.parameters.batchSize,
    });
    const openings = openBatch(options, challenged);
    const opened = await conversation.say({ openings }, () => spend(ledger, challenged));
    if (opened.phase !== 'opened') return conversation.record();
  } catch (error) {
    await conversation.abort(error);
    return conversation.record();
  }
  const decided = await conversation.hear(patienceSeconds);
  if (decided.phase === 'decided') await conversation.say({ agrees: true });
  return conversation.record();
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

function checkOwner({ commitment, mark, key, allowTestOrigin }: OwnerOptions): void {
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
