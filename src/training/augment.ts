import { InputError, type Shape, sizeOf } from '../base/index.js';
import type { SeededStream } from '../crypto/random.js';

/** What happens to a task image before it is learnt from; triggers are never changed. */
export interface Augmentation {
  /** Black pixels on each side, before a crop of the image's size at a random place. */
  readonly pad: number;
  /** Whether half of the images are mirrored, left to right. */
  readonly flip: boolean;
}

/** As in the paper: crop with a padding of 4, mirror. */
export const paperAugmentation: Augmentation = { pad: 4, flip: true };

/** Throws `InputError` `training.options`. */
export function checkAugmentation({ pad }: Augmentation, { height, width }: Shape): void {
  if (Number.isSafeInteger(pad) && pad >= 0 && pad < Math.min(height, width)) return;
  throw new InputError({
    code: 'training.options',
    message: `the padding of augmentation must be a whole number below the sides of the image, got ${pad}`,
  });
}

/** Draws a change from the stream and writes the changed image into `to`; both have the bytes of `shape`. */
export function augment({
  from,
  to,
  shape,
  augmentation: { pad, flip },
  stream,
}: {
  from: Uint8Array;
  to: Uint8Array;
  shape: Shape;
  augmentation: Augmentation;
  stream: SeededStream;
}): void {
  const { height, width, channels } = shape;
  const down = stream.below(2 * pad + 1) - pad;
  const right = stream.below(2 * pad + 1) - pad;
  const isMirrored = flip && stream.below(2) === 1;
  to.fill(0, 0, sizeOf(shape));
  for (let row = 0; row < height; row++) {
    const source = row + down;
    if (source < 0 || source >= height) continue;
    for (let column = 0; column < width; column++) {
      const left = (isMirrored ? width - 1 - column : column) + right;
      if (left < 0 || left >= width) continue;
      const start = (source * width + left) * channels;
      to.set(from.subarray(start, start + channels), (row * width + column) * channels);
    }
  }
}
