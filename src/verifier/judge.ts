import {
  bytesToHex,
  EnvironmentError,
  EvidenceError,
  hexBytes,
  InputError,
  toBase64,
} from '../base/index.js';
import { batchCount, type Commitment, suite } from '../commitment/index.js';
import {
  type KeyPair,
  type LabelledRandom,
  type RandomBytes,
  sessionRandom,
} from '../crypto/index.js';
import {
  auditedLabels,
  type Answered,
  type Challenge,
  type Channel,
  coinBytes,
  commitCoins,
  Conversation,
  decide,
  type Journal,
  type JudgeHello,
  type Opened,
  pickBatch,
  pickHidden,
  type Policy,
  type QueryLog,
  secondsPerProof,
  type SessionContext,
  type SuspectDescriptor,
  type WhiteBoxHello,
  type SessionRecord,
  signReceipt,
  type Suspect,
  unspentBatches,
  type Verdict,
} from '../protocol/index.js';
import { askSuspect, type Decoy } from './ask.js';
import { askNullModels, inOrder, type NullModel } from './null-models.js';
import { checkSameHello } from './same-hello.js';

/** What a judge brings to a session. Entropy and clock are parameters: the judge itself is pure. */
export interface JudgeOptions {
  readonly channel: Channel;
  readonly commitment: Commitment;
  readonly key: KeyPair;
  readonly policy: Policy;
  readonly suspect: Suspect;
  /** For each class of the suspect the committed label it stands for, −1 for none; by default the same number. */
  readonly labelMap?: readonly number[] | undefined;
  /** At least `policy.decoysPerTrigger` for each trigger of a batch. */
  readonly decoys: readonly Decoy[];
  /** Keeps every question and answer, and holds those of a session that goes on; by default they are kept nowhere. */
  readonly queries?: QueryLog | undefined;
  /** The judge's own models of the task, at least `policy.nullModels`. */
  readonly nullModels?: readonly NullModel[] | undefined;
  /** Batches that earlier transcripts show to be spent. */
  readonly knownSpent?: readonly number[] | undefined;
  readonly allowTestOrigin?: boolean;
  /** The verification key file that `policy.openingKey` pins, where the policy asks for proofs. */
  readonly openingKey?: Uint8Array | undefined;
  readonly allowDevKeys?: boolean;
  readonly random: RandomBytes;
  /** Makes the session one that can be gone on with; then its secret takes the place of `random`. */
  readonly journal?: Journal | undefined;
  readonly now: () => Date;
  readonly onStage?: ((stage: JudgeStage) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the judge is doing, for a progress display. */
export type JudgeStage =
  | { readonly kind: 'greeted' }
  | {
      readonly kind: 'challenged';
      readonly batch: number;
      readonly size: number;
      /** Hidden pairs that the owner proves meanwhile. */
      readonly proofs: number;
    }
  | { readonly kind: 'asking'; readonly done: number; readonly total: number }
  | { readonly kind: 'null-models'; readonly done: number; readonly total: number }
  | { readonly kind: 'decided' };

/**
 * The judge's side of a black box session, from the first message to the countersigned verdict. Every failure of the
 * owner or of the suspect ends in a record with a verdict; only unusable options throw (`InputError` `judge.decoys`,
 * `judge.nulls`, `EvidenceError` `hello.*` or `policy.unwinnable` when the judge's own first message would break a rule).
 */
export async function runJudge(options: JudgeOptions): Promise<SessionRecord> {
  const { channel, commitment, key, policy, onStage, journal } = options;
  const { parameters } = commitment;
  const draw = drawing(options);
  checkDecoys(options);
  checkNulls(options);
  const context: SessionContext = {
    commitment,
    knownSpent: options.knownSpent ?? [],
    allowTestOrigin: options.allowTestOrigin ?? false,
    allowDevKeys: options.allowDevKeys ?? false,
  };
  const conversation = new Conversation({
    channel,
    context,
    party: 'judge',
    secretKey: key.secretKey,
  });
  if (journal) await conversation.attach(journal);
  const coins = draw('coins')(coinBytes);
  const first = {
    ...options,
    suspect: options.suspect.descriptor,
    labelMap: labelMapOf(options),
    nullModels: inOrder(options.nullModels ?? []).map(({ digest }) => digest),
    random: draw('nonce'),
  };
  const greeted = await conversation.say(() => judgeHello(first, coins), {
    beforeSending: (message) => {
      if (journal) checkSameHello(message, judgeHello({ ...first, random: draw('nonce') }, coins));
    },
  });
  if (greeted.phase !== 'greeted') return conversation.record();
  onStage?.({ kind: 'greeted' });
  const answered = await conversation.hear(policy.deadlineSeconds);
  if (answered.phase !== 'answered') return conversation.record();

  if (isInterrupted(options)) return stopped(conversation, options);
  if (unspentBatches(parameters, answered.ownerHello).length === 0) {
    await conversation.abort(allSpent(batchCount(parameters)));
    return conversation.record();
  }
  const challenged = await conversation.say(() =>
    judgeChallenge(answered, { commitment, coins, key }),
  );
  if (challenged.phase !== 'challenged') return conversation.record();
  const { batch } = challenged.challenge;
  const proofs = pickHidden(challenged, commitment).length;
  onStage?.({ kind: 'challenged', batch, size: parameters.batchSize, proofs });
  const opened = await conversation.hear(policy.deadlineSeconds + secondsPerProof * proofs);
  if (opened.phase !== 'opened') return conversation.record();

  try {
    const random = draw('query-order');
    const decided = await conversation.say(() => verdict(opened, { ...options, random }));
    if (decided.phase !== 'decided') return conversation.record();
  } catch (error) {
    if (conversation.isSuspendedBy(error)) throw error;
    if (isInterrupted(options)) return stopped(conversation, options);
    await conversation.abort(error);
    return conversation.record();
  }
  onStage?.({ kind: 'decided' });
  await conversation.hear(policy.deadlineSeconds);
  return conversation.record();
}

/** Where the randomness of a session comes from: its journal's secret, or the caller in the order of asking. */
export function drawing({
  journal,
  random,
}: Pick<JudgeOptions, 'journal' | 'random'>): LabelledRandom {
  return journal ? sessionRandom(journal.secret) : () => random;
}

const noKey = new Uint8Array();

/** The judge's first message, in either mode. */
export function judgeHello(
  options: Pick<JudgeOptions, 'commitment' | 'key' | 'policy' | 'random' | 'now' | 'openingKey'> & {
    readonly suspect: SuspectDescriptor;
    readonly labelMap: readonly number[];
    readonly nullModels?: readonly string[];
    readonly whiteBox?: WhiteBoxHello;
  },
  coins: Uint8Array,
): JudgeHello {
  const { commitment, key, policy, suspect, labelMap, whiteBox } = options;
  const { random, now, openingKey = noKey, nullModels = [] } = options;
  const nonce = random(32);
  return {
    coins: bytesToHex(commitCoins(key.publicKey, nonce, coins)),
    commitment: bytesToHex(commitment.digest),
    judge: bytesToHex(key.publicKey),
    labelMap: [...labelMap],
    mode: whiteBox ? 'white-box' : 'black-box',
    nonce: bytesToHex(nonce),
    nullModels: [...nullModels],
    openingKey: toBase64(openingKey),
    policy,
    started: now().toISOString(),
    suspect,
    version: suite,
    ...(whiteBox && { whiteBox }),
  };
}

function labelMapOf({ labelMap, suspect, commitment }: JudgeOptions): readonly number[] {
  const classes = commitment.parameters.classNames.length;
  return (
    labelMap ??
    Array.from({ length: suspect.descriptor.classes }, (_, label) => (label < classes ? label : -1))
  );
}

/** The judge's coins opened, and the batch that they pick; in black box mode with a receipt for it. */
export function judgeChallenge(
  { judgeHello: { mode }, ownerHello, id }: Answered,
  { commitment, coins, key }: { commitment: Commitment; coins: Uint8Array; key: KeyPair },
): Challenge {
  const batch = pickBatch({
    head: id,
    judgeCoins: coins,
    ownerCoins: hexBytes(ownerHello.coins, 32),
    unspent: unspentBatches(commitment.parameters, ownerHello),
  });
  const receipt =
    mode === 'black-box' ? bytesToHex(signReceipt(commitment, { id, batch }, key.secretKey)) : '';
  return { batch, coins: bytesToHex(coins), receipt };
}

async function verdict(opened: Opened, options: JudgeOptions): Promise<Verdict> {
  const { commitment, suspect, random, now, onStage, signal, policy } = options;
  const triggers = opened.openings.map(({ image }) => image);
  const { labels } = opened;
  const { answers, controls, decoys, queries } = await askSuspect({
    suspect,
    triggers,
    audited: commitment.audit.map(({ image }) => image),
    decoys: options.decoys,
    repeats: policy.repeats,
    session: opened.id,
    random,
    now,
    log: options.queries,
    onProgress: (done, total) => onStage?.({ kind: 'asking', done, total }),
    signal,
  });
  const nulls = await askNullModels(options.nullModels ?? [], {
    triggers,
    labels,
    onProgress: (done, total) => onStage?.({ kind: 'null-models', done, total }),
    signal,
  });
  const decision = decide({
    parameters: commitment.parameters,
    policy,
    labelMap: opened.judgeHello.labelMap,
    labels,
    answers,
    auditedLabels: auditedLabels(commitment),
    decoys,
    controls,
    nulls,
  });
  return { answers, controls, decision, decoys, finished: now().toISOString(), nulls, queries };
}

function checkDecoys({ commitment, policy, decoys }: JudgeOptions): void {
  const needed = policy.decoysPerTrigger * commitment.parameters.batchSize;
  if (decoys.length >= needed) return;
  throw new InputError({
    code: 'judge.decoys',
    message: `the policy asks for ${needed} decoys, got ${decoys.length}`,
    hint: 'give more ordinary images with --decoys, or lower decoysPerTrigger in the policy',
  });
}

/** Too few null models for the judge's own policy are noticed before a batch is opened. */
function checkNulls({ policy, nullModels = [] }: JudgeOptions): void {
  if (nullModels.length >= policy.nullModels) return;
  throw new InputError({
    code: 'judge.nulls',
    message: `the policy asks for ${policy.nullModels} null models, got ${nullModels.length}`,
    hint: 'train more with `veilmark judge train-nulls`, or lower nullModels in the policy',
  });
}

/** The refusal of a session with no batch left. */
export function allSpent(batches: number): EvidenceError {
  return new EvidenceError({
    code: 'session.no-batch',
    message: `all ${batches} batches of the commitment have been opened before`,
    hint: 'the owner must commit to a new trigger set',
  });
}

function isInterrupted({ signal }: JudgeOptions): boolean {
  return signal?.aborted === true;
}

/** What a judge's stop leaves: with a journal the session waits there, and its batch is not lost; without one it is aborted. */
export async function stopped(
  conversation: Conversation,
  { journal }: Pick<JudgeOptions, 'journal'>,
): Promise<SessionRecord> {
  const error = new EnvironmentError({
    code: 'judge.interrupted',
    message: 'the judge was interrupted',
    hint: journal && 'run the same command again: the session goes on',
  });
  if (journal) throw error;
  await conversation.abort(error);
  return conversation.record();
}
