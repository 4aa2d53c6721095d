import { scrypt } from '@noble/hashes/scrypt.js';

/** Cost of scrypt (RFC 7914): 2^logN × 8 × 128 bytes of memory; 17 is 128 MiB and about a third of a second. */
export interface SlowHashCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

export const defaultCost: SlowHashCost = { logN: 17, r: 8, p: 1 };

/** scrypt of an input under a salt. */
export function slowHash({
  input,
  salt,
  length,
  cost = defaultCost,
}: {
  input: Uint8Array | string;
  salt: Uint8Array | string;
  length: number;
  cost?: SlowHashCost;
}): Uint8Array {
  return scrypt(input, salt, {
    N: 2 ** cost.logN,
    r: cost.r,
    p: cost.p,
    dkLen: length,
    maxmem: 2 ** 30 + 2 ** 20,
  });
}
