import { sha256 } from '@noble/hashes/sha2.js';

import { frame, type FrameField } from '../base/index.js';

/** SHA-256 of a frame whose first field is the domain tag: veilmark's byte hash. 32 bytes. */
export function taggedHash(tag: string, fields: readonly FrameField[]): Uint8Array {
  return sha256(frame([tag, ...fields]));
}
