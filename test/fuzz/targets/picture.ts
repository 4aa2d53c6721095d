import sharp from 'sharp';

import { decodePicture } from '../../../src/files/index.js';
import { png } from '../../training/data-fixtures.js';
import type { FuzzTarget } from '../target.js';

const shape = { height: 4, width: 4, channels: 3 };

/** A picture in PNG, JPEG or WebP. */
export const picture: FuzzTarget = {
  name: 'picture',
  quick: 40,
  seeds: async () => {
    const small = await png(100, '8x8x3');
    const [jpeg, webp] = await Promise.all([
      sharp(small).jpeg().toBuffer(),
      sharp(small).webp().toBuffer(),
    ]);
    return [small, new Uint8Array(jpeg), new Uint8Array(webp)];
  },
  run: async (input) => {
    const { pixels } = await decodePicture(input, { shape, fit: 'resize', what: 'the input' });
    if (pixels.length !== 48) throw new Error(`${pixels.length} bytes of a picture of 4 x 4`);
    return 'a picture';
  },
};
