import { type Shape, sizeOf } from '../../base/index.js';
import { throughJpeg } from '../../files/index.js';
import { type Attack, choiceOf, type InputTransform, numbersOf } from '../attack.js';
import { gaussians } from './draws.js';

/** One image to another of the same shape. */
type ImageChange = (pixels: Uint8Array) => Uint8Array | Promise<Uint8Array>;

function everyImage(shape: Shape, change: ImageChange): InputTransform {
  const size = sizeOf(shape);
  return async (pixels, count) => {
    const out = new Uint8Array(pixels.length);
    for (let i = 0; i < count; i++) {
      out.set(await change(pixels.subarray(i * size, (i + 1) * size)), i * size);
    }
    return out;
  };
}

/** A server that changes every image before the model sees it; the model itself stays as it was stolen. */
export const inputTransforms: Attack = {
  name: 'inputs',
  title: 'Change the inputs',
  describe: 'JPEG, blur, noise, mirror, fewer grey levels before the model (Lukas et al. 2022)',
  options: {
    jpeg: { describe: 'Qualities', default: '75,50,25,10' },
    blur: { describe: 'Standard deviations of a Gaussian blur, in pixels', default: '0.5,1,1.5' },
    noise: { describe: 'Standard deviations of noise, in bytes', default: '8,16,32' },
    bits: { describe: 'Bits of a pixel that stay', default: '5,4,3,2' },
    flip: { describe: 'Also the mirrored image: yes or no', default: 'yes' },
  },
  endsSequence: true,
  *run({ stolen, stream }, options) {
    const { shape } = stolen.spec;
    const changes: [string, ImageChange][] = [
      ...numbersOf(options, 'jpeg', { least: 1, most: 100, whole: true }).map(
        (quality): [string, ImageChange] => [
          `JPEG quality ${quality}`,
          async (pixels) => (await throughJpeg({ shape, pixels }, quality)).pixels,
        ],
      ),
      ...numbersOf(options, 'blur', { least: 0 }).map((deviation): [string, ImageChange] => [
        `blur ${deviation}`,
        (pixels) => blur(pixels, shape, deviation),
      ]),
      ...numbersOf(options, 'noise', { least: 0 }).map((deviation): [string, ImageChange] => {
        const gaussian = gaussians(stream(`noise ${deviation}`));
        return [
          `noise ${deviation}`,
          (pixels) => pixels.map((p) => toByte(p + deviation * gaussian())),
        ];
      }),
      ...numbersOf(options, 'bits', { least: 1, most: 8, whole: true }).map(
        (bits): [string, ImageChange] => [
          `${bits} bits a pixel`,
          (pixels) => pixels.map((p) => keepBits(p, bits)),
        ],
      ),
      ...(choiceOf(options, 'flip', ['yes', 'no']) === 'yes'
        ? [['mirrored', (pixels: Uint8Array) => mirror(pixels, shape)] as [string, ImageChange]]
        : []),
    ];
    for (const [label, change] of changes) {
      yield { label, classifier: stolen, transform: everyImage(shape, change) };
    }
  },
};

function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}

/** The byte with its lower bits gone, stretched to 0 … 255 again. */
export function keepBits(byte: number, bits: number): number {
  const levels = 2 ** bits - 1;
  return Math.round((Math.floor((byte * (levels + 1)) / 256) * 255) / levels);
}

export function mirror(pixels: Uint8Array, { height, width, channels }: Shape): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = (row * width + column) * channels;
      out.set(
        pixels.subarray(from, from + channels),
        (row * width + width - 1 - column) * channels,
      );
    }
  }
  return out;
}

/** Gaussian blur over rows, then columns; the border is repeated outwards. */
export function blur(pixels: Uint8Array, shape: Shape, deviation: number): Uint8Array {
  if (deviation === 0) return pixels.slice();
  const reach = Math.ceil(3 * deviation);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-(((i - reach) / deviation) ** 2) / 2),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const { height, width, channels } = shape;
  const along = (values: Float64Array, length: number, stride: number): Float64Array =>
    values.map((_, at) => {
      const place = Math.floor(at / stride) % length;
      const start = at - place * stride;
      return weights.reduce((sum, weight, i) => {
        const source = Math.min(length - 1, Math.max(0, place + i - reach));
        return sum + (weight / total) * (values[start + source * stride] ?? 0);
      }, 0);
    });
  const rows = along(Float64Array.from(pixels), width, channels);
  return Uint8Array.from(along(rows, height, width * channels), toByte);
}
