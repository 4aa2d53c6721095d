import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';

import { bytesToHex, concatBytes, type FrameField, frame, InputError } from '../base/index.js';
import type { RandomBytes } from './random.js';

const derSequence = 0x30;
/** Signatures that held, by the SHA-256 of key, signature and message: one that did not is computed again each time. */
const remembered = new Set<string>();
const maxRemembered = { count: 4096, bytes: 1024 } as const;

/** An Ed25519 key pair; the secret is the 32-byte seed of RFC 8032. */
export interface KeyPair {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

export function generateKeyPair(random: RandomBytes): KeyPair {
  return keyPairFrom(random(32));
}

export function keyPairFrom(secretKey: Uint8Array): KeyPair {
  return { secretKey, publicKey: ed25519.getPublicKey(secretKey) };
}

/** Signs a frame of the domain tag and the fields (Ed25519, RFC 8032). 64 bytes. */
export function signTagged(
  tag: string,
  fields: readonly FrameField[],
  secretKey: Uint8Array,
): Uint8Array {
  return ed25519.sign(frame([tag, ...fields]), secretKey);
}

/**
 * Signs a DER structure that another standard prescribes, such as a certificate's. It starts with the byte 0x30 and a frame
 * with 0x00, so that neither signature can be taken for the other. 64 bytes. Throws `InputError` `encoding.der`.
 */
export function signDer(der: Uint8Array, secretKey: Uint8Array): Uint8Array {
  if (der[0] !== derSequence) {
    throw new InputError({ code: 'encoding.der', message: 'not a DER sequence' });
  }
  return ed25519.sign(der, secretKey);
}

/** Whether a signature over a DER structure holds, as strictly as `verifyTagged`. */
export function verifyDer(
  der: Uint8Array,
  { signature, publicKey }: { signature: Uint8Array; publicKey: Uint8Array },
): boolean {
  return der[0] === derSequence && verifyStrictly(der, signature, publicKey);
}

/**
 * Whether a signature over a tagged frame holds, by the strictest reading: RFC 8032 with canonical encodings, and both
 * the key and R in the prime-order subgroup and not the identity. Libraries differ on keys and signatures with a
 * low-order part (cofactored or not); none of those is accepted here, so every library accepts what this accepts.
 */
export function verifyTagged({
  tag,
  fields,
  signature,
  publicKey,
}: {
  tag: string;
  fields: readonly FrameField[];
  signature: Uint8Array;
  publicKey: Uint8Array;
}): boolean {
  return verifyStrictly(frame([tag, ...fields]), signature, publicKey);
}

function verifyStrictly(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  if (message.length > maxRemembered.bytes) return verifies(message, signature, publicKey);
  // Receipts of earlier sessions come again in every owner's hello. The lengths before the message are fixed.
  const name = bytesToHex(sha256(concatBytes(publicKey, signature, message)));
  if (remembered.has(name)) return true;
  if (!verifies(message, signature, publicKey)) return false;
  const [oldest] = remembered;
  if (remembered.size >= maxRemembered.count && oldest !== undefined) remembered.delete(oldest);
  remembered.add(name);
  return true;
}

function verifies(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (!isPrimeOrderPoint(signature.subarray(0, 32)) || !isPrimeOrderPoint(publicKey)) return false;
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}

/** Refuses keys that no honest generator makes. Throws `InputError` `key.public`. */
export function checkPublicKey(publicKey: Uint8Array): void {
  if (!isPrimeOrderPoint(publicKey)) {
    throw new InputError({
      code: 'key.public',
      message: 'not an Ed25519 public key of the prime-order group',
    });
  }
}

function isPrimeOrderPoint(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false;
  try {
    const point = ed25519.Point.fromBytes(bytes, false);
    return !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    return false;
  }
}
