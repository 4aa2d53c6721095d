import {
  createPrivateKey,
  createPublicKey,
  sign as nodeSign,
  verify as nodeVerify,
} from 'node:crypto';

import { type Field, frame } from './bytes.js';

const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

function privateKey(seed: Uint8Array) {
  const key = Buffer.concat([privatePrefix, seed]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

export function publicKey(seed: Uint8Array): Buffer {
  const der = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' });
  return der.subarray(publicPrefix.length);
}

/** encodings.md, signatures. */
export function sign(tag: string, fields: readonly Field[], seed: Uint8Array): Buffer {
  return nodeSign(null, frame([tag, ...fields]), privateKey(seed));
}

/** OpenSSL's reading of RFC 8032, which is laxer than veilmark's. */
export function verifyByOpenssl(
  tag: string,
  fields: readonly Field[],
  { signature, key }: { signature: Uint8Array; key: Uint8Array },
): boolean {
  if (key.length !== 32) return false;
  const der = Buffer.concat([publicPrefix, key]);
  const imported = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return nodeVerify(null, frame([tag, ...fields]), imported, signature);
}
