import { hex, p } from '../poseidon.js';
import { play, receipt, type Twist } from '../session.js';
import { drawn } from './small-claims.js';
import { earlier, honest, judgeSeed, otherClaim } from './stories.js';

/** A refused message: what was changed, its number, the code of its error, the message, the messages before it. */
export interface Change {
  readonly name: string;
  readonly at: number;
  readonly code: string;
  readonly message: Uint8Array;
  /** Absent where the messages before it are the honest ones. */
  readonly before?: readonly Uint8Array[];
}

type Json = Record<string, unknown>;
type Row = readonly [name: string, code: string, twist: Omit<Twist, 'at'>];

function changes(at: number, rows: readonly Row[]): Change[] {
  return rows.map(([name, code, twist]) => {
    const { messages } = play(honest, { ...twist, at, last: true });
    return { name, at, code, message: messages[at]! };
  });
}

const set =
  (change: Json | ((honest: Json) => Json)) =>
  (payload: Json): Json => ({
    ...payload,
    ...(typeof change === 'function' ? change(payload) : change),
  });
const nested = (key: string, change: Json) =>
  set((payload) => ({ [key]: { ...(payload[key] as Json), ...change } }));
const format = 'message.format';
const signature = 'message.signature';
const order = 'session.order';

/** How a message is written, signed and placed: shown on the judge's hello, the same for every message. */
const judgeHello: readonly Row[] = [
  ['another version', format, { payload: set({ version: 'veilmark/2' }) }],
  ['an unknown member', format, { payload: set({ zeal: 1 }) }],
  ['a member missing', format, { payload: set({ nonce: undefined }) }],
  ['a member twice', format, { text: (text) => text.replace('{', '{"coins":"",') }],
  ['a space', format, { text: (text) => text.replace(':', ': ') }],
  [
    'a number with a fraction',
    format,
    { text: (text) => text.replace('"alphaBits":1', '"alphaBits":1.0') },
  ],
  ['minus zero', format, { text: (text) => text.replace('"labelMap":[0', '"labelMap":[-0') }],
  ['a lone surrogate', format, { text: (text) => text.replace('"none"', '"\\ud800"') }],
  [
    'half of UTF-8',
    format,
    { text: (text) => Buffer.from(text.replace('"none"', '"\u00ff"'), 'latin1') },
  ],
  ['JSON nested deeply', format, { text: () => '['.repeat(4000) + ']'.repeat(4000) }],
  ['no payload', format, { text: () => '' }],
  ['capitals in a hash', format, { payload: set({ nonce: 'A'.repeat(64) }) }],
  ['a time without milliseconds', format, { payload: set({ started: '2026-01-02T03:04:05Z' }) }],
  ['a mode that does not exist', format, { payload: set({ mode: 'grey-box' }) }],
  ['alpha of 0 bits', format, { payload: nested('policy', { alphaBits: 0 }) }],
  ['grinding of 257 bits', format, { payload: nested('policy', { grindingBits: 257 }) }],
  ['a suspect of one class', format, { payload: nested('suspect', { classes: 1 }) }],
  ['signed by another key', signature, { signer: drawn('a stranger', 32) }],
  ['chained to another head', signature, { head: drawn('another head', 32) }],
  ['a judge key of small order', signature, { payload: set({ judge: `01${'0'.repeat(62)}` }) }],
  ['another number', order, { draft: { seq: 1 } }],
  ['from the other party', order, { draft: { from: 'owner' } }],
  ['another type', order, { draft: { type: 'challenge' } }],
  [
    'an abort before any hello',
    order,
    {
      draft: { type: 'abort', payload: '{"code":"a","fault":"nobody","message":"","refused":""}' },
    },
  ],
  ['another commitment', 'hello.commitment', { payload: set({ commitment: '0'.repeat(64) }) }],
  ['another shape', 'hello.suspect', { payload: nested('suspect', { shape: '2x3x1' }) }],
  ['a line feed in the suspect’s name', format, { payload: nested('suspect', { kind: 'a\nb' }) }],
  [
    'a name that turns the direction of writing',
    format,
    { payload: nested('suspect', { identity: '\u202eb' }) },
  ],
  ['a label map out of many', 'policy.label-map', { payload: set({ labelMap: [1, 0, 2, 3] }) }],
  [
    'a shape written in another way',
    'hello.suspect',
    { payload: nested('suspect', { shape: '2x2' }) },
  ],
  ['a label map too short', 'hello.suspect', { payload: set({ labelMap: [0, 1, 2] }) }],
  ['a label map beyond K', 'hello.suspect', { payload: set({ labelMap: [0, 1, 2, 4] }) }],
  [
    'a policy that cannot be won',
    'policy.unwinnable',
    { payload: nested('policy', { alphaBits: 2 }) },
  ],
];

const spent = (...list: object[]) => ({ payload: set({ spent: list }) });
const ownerHello: readonly Row[] = [
  ['another owner', 'hello.owner', { payload: set({ owner: otherClaim.owner.toString('hex') }) }],
  ['signed by another owner', signature, { signer: otherClaim.mark.ownerSeed }],
  ['a spent batch that does not exist', 'hello.spent', spent(earlier(2))],
  ['a batch spent twice', 'hello.spent', spent(earlier(1), earlier(1))],
  ['spent batches out of order', 'hello.spent', spent(earlier(1), earlier(0))],
  ['a spent batch without a receipt', format, spent({ ...earlier(0), receipt: '' })],
  ['a receipt for another batch', 'spent.receipt', spent({ ...earlier(0), batch: 1 })],
  [
    'a receipt of another session',
    'spent.receipt',
    spent({ ...earlier(0), session: '0'.repeat(64) }),
  ],
  [
    'a receipt by another judge',
    'spent.receipt',
    spent({ ...earlier(0), judge: earlier(1).judge, receipt: earlier(1).receipt }),
  ],
  ['a receipt for another commitment', 'spent.receipt', spent(earlier(0, otherClaim.digest))],
];

const challenge: readonly Row[] = [
  ['other coins', 'challenge.coins', { payload: set({ coins: '0'.repeat(64) }) }],
  [
    'another batch',
    'challenge.batch',
    { payload: set(({ batch }) => ({ batch: 1 - (batch as number) })) },
  ],
  ['a batch that does not exist', 'challenge.batch', { payload: set({ batch: 2 }) }],
  ['a receipt of zeros', 'challenge.receipt', { payload: set({ receipt: '0'.repeat(128) }) }],
  [
    'a receipt for another session',
    'challenge.receipt',
    {
      payload: set(({ batch }) => ({
        receipt: receipt(
          honest.commitment.digest,
          drawn('another session', 32),
          batch as number,
          judgeSeed,
        ),
      })),
    },
  ],
  ['too many bytes', 'session.size', { text: (text) => text + ' '.repeat(8192) }],
  ['signed by the owner', signature, { signer: honest.commitment.mark.ownerSeed }],
];

type Opened = Record<string, unknown>[];
const openings = (edit: (list: Opened) => unknown[]) => ({
  payload: ({ openings: list, hidden }: Json) => ({
    hidden,
    openings: edit([...(list as Opened)]),
  }),
});
const first = (change: Json) => openings(([one, ...rest]) => [{ ...one, ...change }, ...rest]);
const opening: readonly Row[] = [
  ['one opening missing', 'openings.indices', openings((list) => list.slice(1))],
  ['one opening twice', 'openings.indices', openings(([one]) => [one, one])],
  ['openings in another order', 'openings.indices', openings((list) => list.reverse())],
  ['an index that does not exist', 'openings.indices', first({ index: 6 })],
  ['another image', 'opening.trigger', first({ image: 'AAAAAA==' })],
  ['an image of one byte less', 'image.size', first({ image: 'AAAA' })],
  ['an image in other base64', 'encoding.base64', first({ image: 'AAAAAB==' })],
  ['another r', 'opening.trigger', first({ r: hex(7n) })],
  ['r = p', 'encoding.field', first({ r: hex(p) })],
  ['a natural class where there are none', 'opening.natural', first({ natural: 0 })],
  ['a label where labels are derived', 'opening.mode', first({ label: 1, s: hex(1n) })],
  ['a negative index', format, first({ index: -1 })],
];

const decision = (change: Json) => ({ payload: nested('decision', change) });
const decoys = (change: Json) => ({ payload: nested('decoys', change) });
const controls = (change: Json) => ({ payload: nested('controls', change) });
const repeats = (change: Json) => ({
  payload: set((payload) => {
    const whole = payload['controls'] as Json;
    return { controls: { ...whole, repeats: { ...(whole['repeats'] as Json), ...change } } };
  }),
});
const verdict: readonly Row[] = [
  [
    'an answer missing',
    'verdict.answers',
    { payload: set(({ answers }) => ({ answers: (answers as unknown[]).slice(1) })) },
  ],
  [
    'an answer beyond the suspect’s classes',
    'verdict.answers',
    { payload: set({ answers: [{ label: 4 }, { label: 0 }] }) },
  ],
  ['an answer that is no answer', format, { payload: set({ answers: [{}, { label: 0 }] }) }],
  [
    'a reason that is no code',
    format,
    { payload: set({ answers: [{ refused: 'Not now!' }, { label: 0 }] }) },
  ],
  ['a decoy too few', 'verdict.decoys', decoys({ abstract: 1 })],
  ['more right answers than labelled decoys', 'verdict.decoys', decoys({ ordinaryCorrect: 1 })],
  ['more labelled decoys than decoys', 'verdict.decoys', decoys({ ordinaryLabelled: 1 })],
  ['more refusals than decoys', 'verdict.decoys', decoys({ refused: 3 })],
  ['no decoy asked twice', 'verdict.controls', repeats({ within: { of: 0, with: 0 } })],
  ['more alike than asked twice', 'verdict.controls', repeats({ across: { of: 0, with: 1 } })],
  ['an audited pair without an answer', 'verdict.controls', controls({ audited: [] })],
  [
    'an answer to an audited pair beyond the suspect’s classes',
    'verdict.controls',
    controls({ audited: [{ label: 4 }, { label: 0 }] }),
  ],
  [
    'halves that are more than the whole',
    'verdict.controls',
    controls({ accuracy: { first: { of: 1, with: 0 }, second: { of: 0, with: 0 } } }),
  ],
  [
    'right answers that no half has',
    'verdict.controls',
    {
      payload: set(({ decoys: counts }) => ({
        decoys: { ...(counts as Json), ordinary: 1, ordinaryCorrect: 1, ordinaryLabelled: 1 },
      })),
    },
  ],
  ['a log that is no digest', format, { payload: set({ queries: 'none' }) }],
  [
    'a changed suspect',
    'verdict.arithmetic',
    {
      payload: ({ decision: honest, ...payload }: Json) => ({
        ...payload,
        controls: { ...(payload['controls'] as Json), identity: 'changed' },
        decision: { ...(honest as Json), cause: 'suspect.drifts', verdict: 'inconclusive' },
      }),
    },
  ],
  ['more refusals for matches', 'verdict.arithmetic', decision({ matchedAtMost: 3 })],
  [
    'other answers',
    'verdict.arithmetic',
    { payload: set({ answers: [{ refused: 'suspect.silent' }, { label: 0 }] }) },
  ],
  ['a match fewer', 'verdict.arithmetic', decision({ matched: 1 })],
  ['a verdict that does not follow', 'verdict.arithmetic', decision({ verdict: 'not-proved' })],
  ['a cause that does not follow', 'verdict.arithmetic', decision({ cause: 'suspect.decoys' })],
  ['a lower threshold', 'verdict.arithmetic', decision({ threshold: 1 })],
  ['another chance', 'verdict.arithmetic', decision({ pValue: ['1', '17'] })],
  ['the same chance, not over K^n', 'verdict.arithmetic', decision({ pValue: ['2', '32'] })],
  ['the paper’s rule turned', 'verdict.arithmetic', decision({ paperRule: false })],
  ['invalid as a judge’s verdict', format, decision({ verdict: 'invalid' })],
];

const acknowledgement: readonly Row[] = [
  ['no answer', format, { payload: () => ({}) }],
  ['an answer in words', format, { payload: set({ agrees: 'yes' }) }],
  ['signed by the judge', signature, { signer: judgeSeed }],
];

/** Both batches of the commitment are spent: there is nothing to challenge. */
function allSpent(): Change {
  const before = play({ ...honest, spent: [earlier(0), earlier(1)] }, { at: 1, last: true });
  const twist = { at: 2, last: true, head: before.heads[2]! };
  const { messages } = play({ ...honest, spent: [earlier(0)] }, twist);
  return {
    name: 'a challenge with every batch spent',
    at: 2,
    code: 'session.no-batch',
    message: messages[2]!,
    before: before.messages,
  };
}

export function sessionChanges(): Change[] {
  const lists = [judgeHello, ownerHello, challenge, opening, verdict, acknowledgement];
  return [...lists.flatMap((rows, at) => changes(at, rows)), allSpent()];
}
