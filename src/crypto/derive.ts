import { hkdf } from '@noble/hashes/hkdf.js';
import { sha512 } from '@noble/hashes/sha2.js';

import { frame } from '../base/index.js';

/**
 * HKDF-SHA-512 (RFC 5869) of a secret for one purpose and one index: outputs for different labels are independent, so
 * that opening one says nothing of another.
 */
export function deriveSecret(
  secret: Uint8Array,
  label: { readonly purpose: string; readonly index: number; readonly attempt?: number },
  length: number,
): Uint8Array {
  const info = frame([label.purpose, label.index, label.attempt ?? 0]);
  return hkdf(sha512, secret, undefined, info, length);
}
