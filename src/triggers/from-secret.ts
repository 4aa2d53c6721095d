import type { Image, Shape } from '../base/index.js';
import { deriveSecret } from '../crypto/index.js';
import { abstractImages } from './distinct.js';

/**
 * The abstract trigger images of a mark: image i comes from the mark's 32-byte secret by HKDF under a label of its own,
 * so that showing one image says nothing of another. Throws `InputError` `trigger.similar`.
 */
export function imagesFromSecret({
  secret,
  count,
  shape,
}: {
  secret: Uint8Array;
  count: number;
  shape: Shape;
}): Image[] {
  const purpose = 'veilmark/trigger-image/1';
  return abstractImages({
    seedOf: (index, attempt) => deriveSecret(secret, { purpose, index, attempt }, 32),
    count,
    shape,
  });
}
