import type { TwinCommitment } from '../commitment.js';
import { publicKey } from '../ed25519.js';
import { groupOrder, littleEndian, littleEndianBytes } from '../edwards.js';
import { signedFile } from '../commitment.js';
import { canonical } from '../bytes.js';
import { hex, p } from '../poseidon.js';
import { type Change, editor } from './commitment-editor.js';
import { drawn } from './small-claims.js';

/** Files refused for how they are written, before anything in them is believed. */
export function formatChanges(claim: TwinCommitment): Change[] {
  const { file } = claim;
  const { set, text, list } = editor(claim);
  const raw = file.toString('utf8');
  const at = raw.length - 129;
  const changes: Record<string, Uint8Array> = {
    nothing: Buffer.alloc(0),
    'the first line alone': file.subarray(0, 22),
    'another version': Buffer.from(raw.replace('/1\n', '/2\n')),
    'a byte order mark': Buffer.from(`\ufeff${raw}`),
    'no line feed at the end': file.subarray(0, -1),
    'a line feed too many': Buffer.from(`${raw}\n`),
    'CR LF': Buffer.from(raw.replaceAll('\n', '\r\n')),
    'the last third missing': file.subarray(0, Math.floor((2 * file.length) / 3)),
    'a space in the JSON': text((json) => json.replace(':', ': ')),
    'keys out of order': text((json) =>
      json.replace(/("natural":"none",)("origin":"system",)/, '$2$1'),
    ),
    'a key twice': text((json) => json.replace('"audited":2', '"audited":2,"audited":2')),
    'an escape without need': text((json) => json.replace('"cat"', '"\\u0063at"')),
    'an unknown key': set({ zeal: 1 }),
    'a key missing': text((json) => json.replace('"natural":"none",', '')),
    'a number as text': set({ hidden: '4' }),
    'a number with a fraction': text((json) => json.replace('"hidden":4', '"hidden":4.0')),
    'minus zero': text((json) => json.replace('"hidden":4', '"hidden":-0')),
    'another suite': set({ suite: 'veilmark/2' }),
    'another label mode': set({ labelMode: 'random' }),
    'another origin': set({ origin: 'unknown' }),
    'a shape of two sides': set({ shape: [2, 2] }),
    'capitals in a commitment': list('labelCommitments', ([, ...rest]) => [
      'A'.repeat(64),
      ...rest,
    ]),
    'JSON nested deeply': text(() => '['.repeat(3000) + ']'.repeat(3000)),
    'no JSON': text(() => '{'),
    'a trigger commitment missing': list('triggerCommitments', (all) => all.slice(1)),
    'a label commitment too many': list('labelCommitments', (all) => [...all, hex(1n)]),
  };
  const others: Change[] = [
    [
      'capitals in the signature',
      'encoding.hex',
      Buffer.from(raw.slice(0, at) + raw.slice(at).toUpperCase()),
    ],
    [
      'p as a commitment',
      'encoding.field',
      list('triggerCommitments', ([, ...rest]) => [hex(p), ...rest]),
    ],
    ['a key of small order', 'key.public', set({ owner: `01${'0'.repeat(62)}` })],
    ['a key that is no point', 'key.public', set({ owner: `02${'0'.repeat(62)}` })],
    ['a key above 2^255 - 19', 'key.public', set({ owner: `ee${'f'.repeat(60)}7f` })],
  ];
  const coded = ([name, bytes]: [string, Uint8Array]): Change => [name, 'commitment.format', bytes];
  return [...Object.entries(changes).map(coded), ...others];
}

/** Files whose signature does not hold. */
export function signatureChanges(claim: TwinCommitment): Change[] {
  const { file, body } = claim;
  const raw = file.toString('utf8');
  const signature = Buffer.from(raw.slice(-129, -1), 'hex');
  const withSignature = (bytes: Uint8Array): Buffer =>
    Buffer.from(`${raw.slice(0, -129)}${Buffer.from(bytes).toString('hex')}\n`);
  const s = littleEndianBytes(littleEndian(signature.subarray(32)) + groupOrder);
  const stranger = drawn('a stranger', 32);
  const changes: Record<string, Uint8Array> = {
    'signed by another key': signedFile(canonical(body), stranger),
    'the key exchanged and not the signature': editor(claim).set({
      owner: publicKey(stranger).toString('hex'),
    }),
    'a class renamed afterwards': Buffer.from(raw.replace('"cat"', '"bat"')),
    'the stamp of origin changed afterwards': Buffer.from(raw.replace('"system"', '"test"')),
    'a signature of zeros': withSignature(Buffer.alloc(64)),
    's + L': withSignature(Buffer.concat([signature.subarray(0, 32), s])),
  };
  return Object.entries(changes).map(([name, bytes]) => [name, 'commitment.signature', bytes]);
}
