import { frame, type Field } from '../bytes.js';
import { publicKey, sign, verifyByOpenssl } from '../ed25519.js';
import {
  add,
  base,
  challenge,
  encode,
  groupOrder,
  littleEndian,
  littleEndianBytes,
  multiply,
  torsion,
} from '../edwards.js';
import { toHex } from './case.js';

const tag = 'test/signature/1';
const fields: readonly Field[] = ['message', 7];
const message = frame([tag, ...fields]);
const seed = Buffer.alloc(32, 0x42);
const key = publicKey(seed);
const honest = sign(tag, fields, seed);

interface Signed {
  readonly key: Uint8Array;
  readonly signature: Uint8Array;
}

/** A signature by a known scalar under a key and an R with parts of small order, valid in the cofactored sense. */
function crafted(keyPart: bigint, noncePart: bigint, nonce = 67890n): Signed {
  const scalar = 12345n;
  const a = encode(add(multiply(base, scalar), multiply(torsion, keyPart)));
  const r = encode(add(multiply(base, nonce), multiply(torsion, noncePart)));
  const s = (nonce + challenge(r, a, message) * scalar) % groupOrder;
  return { key: a, signature: Buffer.concat([r, littleEndianBytes(s)]) };
}

function changed(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? byte ^ mask : byte));
}

function withS(s: bigint): Signed {
  return { key, signature: Buffer.concat([honest.subarray(0, 32), littleEndianBytes(s)]) };
}

const identity = littleEndianBytes(1n);
const smallOrderKey = { key: identity, signature: Buffer.concat([identity, Buffer.alloc(32)]) };
const s = littleEndian(honest.subarray(32));

const refused: Record<string, Signed> = {
  'a bit of R': { key, signature: changed(honest, 0, 1) },
  'a bit of s': { key, signature: changed(honest, 32, 1) },
  'a bit of the key': { key: changed(key, 0, 1), signature: honest },
  'the sign of the key': { key: changed(key, 31, 0x80), signature: honest },
  'another key': { key: publicKey(Buffer.alloc(32, 1)), signature: honest },
  'another message': { key, signature: sign(tag, ['message', 8], seed) },
  'another tag': { key, signature: sign('test/signature/2', fields, seed) },
  'no signature': { key, signature: Buffer.alloc(0) },
  'a signature of 63 bytes': { key, signature: honest.subarray(0, 63) },
  'a signature of 65 bytes': { key, signature: Buffer.concat([honest, Buffer.alloc(1)]) },
  'a key of 31 bytes': { key: key.subarray(0, 31), signature: honest },
  's + L': withS(s + groupOrder),
  's = L': withS(groupOrder),
  'the key and R are the identity': smallOrderKey,
  'R is the identity': crafted(0n, 0n, 0n),
  'the key in a form above 2^255 - 19': {
    key: littleEndianBytes(2n ** 255n - 18n),
    signature: Buffer.concat([identity, Buffer.alloc(32)]),
  },
  'R with the sign bit of x = 0 set': {
    key,
    signature: Buffer.concat([changed(identity, 31, 0x80), honest.subarray(32)]),
  },
};
for (let part = 1n; part < 8n; part++) {
  refused[`the key has a part of small order (${part} of 8)`] = crafted(part, 0n);
  refused[`R has a part of small order (${part} of 8)`] = crafted(0n, part);
  refused[`key and R have parts of small order that may cancel (${part} of 8)`] = crafted(
    part,
    8n - part,
  );
  const small = encode(multiply(torsion, part));
  refused[`the key is of small order (${part} of 8)`] = { ...smallOrderKey, key: small };
}

const shown = ({ key: a, signature }: Signed) => ({ key: toHex(a), signature: toHex(signature) });

export function ed25519Vectors() {
  return {
    about:
      'Signatures over the frame of tag and fields (encodings.md). openssl tells whether OpenSSL takes what veilmark refuses.',
    tag,
    fields,
    valid: [
      { name: 'by OpenSSL', seed: toHex(seed), ...shown({ key, signature: honest }) },
      { name: 'by a known scalar', ...shown(crafted(0n, 0n)) },
    ],
    invalid: Object.entries(refused).map(([name, signed]) => ({
      name,
      ...shown(signed),
      openssl: verifyByOpenssl(tag, fields, signed),
    })),
  };
}
