import { bigEndianToInteger, type Image } from '../base/index.js';
import { hashMany, taggedPoseidon } from '../crypto/index.js';

const limbBytes = 31;

/** The bytes of an image, 31 to a field element, little-endian, the last one short. */
export function packPixels(pixels: Uint8Array): bigint[] {
  const limbs: bigint[] = [];
  for (let start = 0; start < pixels.length; start += limbBytes) {
    limbs.push(bigEndianToInteger(pixels.slice(start, start + limbBytes).reverse()));
  }
  return limbs;
}

/** `imageDigest = hashMany("veilmark/image/1", [H, W, C, packed…])`. */
export function imageDigest({ shape, pixels }: Image): bigint {
  const dimensions = [shape.height, shape.width, shape.channels].map(BigInt);
  return hashMany('veilmark/image/1', [...dimensions, ...packPixels(pixels)]);
}

/** `cT = Poseidon("veilmark/trigger/1", imageDigest, natural, r)`. Hiding because r is uniform. */
export function triggerCommitment(trigger: {
  readonly image: Image;
  /** The class a person would give the image, or K for none. */
  readonly natural: number;
  readonly r: bigint;
}): bigint {
  return taggedPoseidon('veilmark/trigger/1', [
    imageDigest(trigger.image),
    BigInt(trigger.natural),
    trigger.r,
  ]);
}

/** `cL = Poseidon("veilmark/label-commitment/1", label, blinding)`; the blinding is u (derived) or s (chosen). */
export function labelCommitment(label: number, blinding: bigint): bigint {
  return taggedPoseidon('veilmark/label-commitment/1', [BigInt(label), blinding]);
}
