import { canonical, Shake, taggedHash } from './bytes.js';
import { opening, type TwinCommitment } from './commitment.js';
import { publicKey, sign } from './ed25519.js';
import { isExcess, type Stakes, tail, threshold, wins } from './statistics.js';

export type Party = 'judge' | 'owner';

/** A message before it is signed; the payload is text, canonical or not. */
export interface Draft {
  readonly seq: number;
  readonly from: Party;
  readonly type: string;
  readonly payload: string | Uint8Array;
}

export const firstHead = taggedHash('veilmark/session/1', []);

export function nextHead(head: Uint8Array, { seq, from, type, payload }: Draft): Buffer {
  const bytes = Buffer.from(payload as string);
  return taggedHash('veilmark/chain/1', [head, seq, from, type, bytes.length, bytes]);
}

/** session.md, the bytes of a message. */
export function encodeMessage(head: Uint8Array, draft: Draft, seed: Uint8Array): Buffer {
  const { seq, from, type, payload } = draft;
  const signature = sign('veilmark/message-signature/1', [nextHead(head, draft)], seed);
  const bytes = Buffer.from(payload as string);
  const header = `veilmark/message/1 ${seq} ${from} ${type} ${bytes.length} ${signature.toString('hex')}\n`;
  return Buffer.concat([Buffer.from(header), bytes, Buffer.from('\n')]);
}

/** session.md, the transcript file. */
export function transcript(
  commitment: Uint8Array,
  messages: readonly Uint8Array[],
  refused?: Uint8Array,
): Buffer {
  const section = (name: string, bytes: Uint8Array): Buffer[] => [
    Buffer.from(`${name} ${bytes.length}\n`),
    Buffer.from(bytes),
    Buffer.from('\n'),
  ];
  const last = refused ? messages.slice(-1) : [];
  const body = Buffer.concat([
    Buffer.from('veilmark/transcript/1\n'),
    ...section('commitment', commitment),
    ...(refused ? messages.slice(0, -1) : messages),
    ...(refused ? section('refused', refused) : []),
    ...last,
  ]);
  return sealTranscript(body);
}

/** Ends the bytes of a transcript with the line that guards against accidents. */
export function sealTranscript(body: Uint8Array): Buffer {
  const digest = taggedHash('veilmark/transcript-digest/1', [body]).toString('hex');
  return Buffer.concat([body, Buffer.from(`end ${digest}\n`)]);
}

/** What an honest judge and an honest owner bring. */
export interface Story {
  readonly commitment: TwinCommitment;
  readonly judgeSeed: Uint8Array;
  readonly judgeCoins: Uint8Array;
  readonly ownerCoins: Uint8Array;
  readonly nonces: readonly [Uint8Array, Uint8Array];
  readonly policy: Readonly<{
    [name: string]: number | string | Readonly<Record<string, string>>;
    alphaBits: number;
    decoysPerTrigger: number;
    epsilonPpm: number;
    grindingBits: number;
    repeats: number;
    nullPpm: number;
    suspectBits: number;
  }>;
  readonly spent: readonly unknown[];
  /** How many triggers of the batch the suspect answers with the committed label. */
  readonly hits: number;
  /** How many triggers of the batch each null model answers so. */
  readonly nulls: readonly number[];
}

/** Digests of made-up null models, ascending. */
const nullModel = (place: number): string => `${place}`.padStart(64, '0');

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export function judgeHello(story: Story): Record<string, unknown> {
  const { commitment, judgeSeed, nonces, judgeCoins, policy } = story;
  const { classes, shape } = commitment.mark.terms;
  const judge = publicKey(judgeSeed);
  return {
    coins: toHex(taggedHash('veilmark/coins/1', [judge, nonces[0], judgeCoins])),
    commitment: toHex(commitment.digest),
    judge: toHex(judge),
    labelMap: classes.map((_, label) => label),
    mode: 'black-box',
    nonce: toHex(nonces[0]),
    nullModels: story.nulls.map((_, place) => nullModel(place)),
    openingKey: '',
    policy,
    started: '2026-01-02T03:04:05.678Z',
    suspect: {
      classes: classes.length,
      digest: '5d'.repeat(32),
      identity: 'a suspect of the vectors',
      kind: 'test',
      preprocessing: 'none',
      shape: shape.join('x'),
    },
    version: 'veilmark/1',
  };
}

export function ownerHello({ commitment, nonces, ownerCoins, spent }: Story) {
  const owner = toHex(commitment.owner);
  return { coins: toHex(ownerCoins), nonce: toHex(nonces[1]), owner, spent };
}

export function receipt(commitment: Uint8Array, id: Uint8Array, batch: number, seed: Uint8Array) {
  return toHex(sign('veilmark/spent/1', [commitment, id, batch], seed));
}

export function challenge(story: Story, id: Uint8Array) {
  const { commitment, judgeCoins, ownerCoins, spent, judgeSeed } = story;
  const gone = (spent as { batch: number }[]).map(({ batch }) => batch);
  const unspent = [...commitment.batches.keys()].filter((batch) => !gone.includes(batch));
  const stream = new Shake('veilmark/batch/1', [id, judgeCoins, ownerCoins]);
  const batch = unspent[stream.below(unspent.length)]!;
  return {
    batch,
    coins: toHex(judgeCoins),
    receipt: receipt(commitment.digest, id, batch, judgeSeed),
  };
}

export function openings({ commitment }: Story, batch: number) {
  const pairs = commitment.batches[batch]!;
  return { hidden: [], openings: pairs.map((index) => opening(commitment.mark, index)) };
}

export function stakes({ commitment, policy }: Pick<Story, 'commitment' | 'policy'>): Stakes {
  const { classes, natural, batchSize } = commitment.mark.terms;
  return {
    c: natural === 'none' ? classes.length : classes.length - 1,
    batchSize,
    batches: commitment.batches.length,
    alphaBits: policy.alphaBits,
    grindingBits: policy.grindingBits,
    suspectBits: policy.suspectBits,
  };
}

export function verdict(story: Story, batch: number) {
  const { commitment, policy, hits, nulls } = story;
  const labels = commitment.batches[batch]!.map((index) => commitment.labels[index]!);
  const classes = commitment.mark.terms.classes.length;
  const risk = stakes(story);
  const { numerator, denominator } = tail(labels.length, hits, BigInt(risk.c));
  const abstract = labels.length * policy.decoysPerTrigger;
  const none = { of: 0, with: 0 };
  const isWon = wins(risk, hits);
  const isDoubted = isWon && nulls.length > 0 && isExcess(nulls, risk, policy.nullPpm);
  return {
    answers: labels.map((label, i) => ({ label: i < hits ? label : (label + 1) % classes })),
    controls: {
      accuracy: { first: none, second: none },
      audited: commitment.audited.map(() => ({ label: 0 })),
      identity: 'unknown',
      repeats: { across: none, refused: 0, within: { of: policy.repeats, with: policy.repeats } },
    },
    decision: {
      cause: isDoubted ? 'nulls.match' : '',
      challenged: labels.length,
      matched: hits,
      matchedAtMost: hits,
      paperRule: (labels.length - hits) * 1_000_000 <= policy.epsilonPpm * labels.length,
      pValue: [String(numerator), String(denominator)],
      refused: 0,
      threshold: threshold(risk),
      verdict: isDoubted ? 'inconclusive' : isWon ? 'proved' : 'not-proved',
    },
    decoys: {
      abstract,
      ordinary: 0,
      ordinaryCorrect: 0,
      ordinaryLabelled: 0,
      refused: 0,
    },
    finished: '2026-01-02T03:05:06.789Z',
    queries: '',
    nulls: nulls.map((matches, place) => ({ matches, model: nullModel(place) })),
  };
}

/** Changes made to the honest session, by message number: another payload, draft, or signer. */
export interface Twist {
  readonly at: number;
  readonly payload?: (honest: Record<string, unknown>) => unknown;
  readonly text?: (canonicalText: string) => string | Uint8Array;
  readonly draft?: Partial<Draft>;
  readonly signer?: Uint8Array;
  /** Chains the message to another head. */
  readonly head?: Uint8Array;
  /** Ends the session here. */
  readonly last?: boolean;
}

/** Every message of a session, honest but for a twist; later messages are made to fit the twisted one. */
export function play(story: Story, twist?: Twist): { messages: Buffer[]; heads: Buffer[] } {
  const { commitment, judgeSeed } = story;
  const messages: Buffer[] = [];
  const heads: Buffer[] = [firstHead];
  let batch = 0;
  const payloads: (() => Record<string, unknown>)[] = [
    () => judgeHello(story),
    () => ownerHello(story),
    () => {
      const made = challenge(story, heads[2]!);
      batch = made.batch;
      return made;
    },
    () => openings(story, batch),
    () => verdict(story, batch),
    () => ({ agrees: true }),
  ];
  const types = ['hello', 'hello', 'challenge', 'openings', 'verdict', 'acknowledgement'];
  for (const [seq, payload] of payloads.entries()) {
    const from: Party = seq % 2 === 0 ? 'judge' : 'owner';
    const here = twist?.at === seq ? twist : undefined;
    const honest = payload();
    const text = canonical(here?.payload?.(honest) ?? honest);
    const draft: Draft = {
      seq,
      from,
      type: types[seq]!,
      payload: here?.text?.(text) ?? text,
      ...here?.draft,
    };
    const seed = here?.signer ?? (from === 'judge' ? judgeSeed : commitment.mark.ownerSeed);
    messages.push(encodeMessage(here?.head ?? heads[seq]!, draft, seed));
    heads.push(nextHead(heads[seq]!, draft));
    if (here?.last) break;
  }
  return { messages, heads };
}
