import { imageDigest } from '../commitment.js';
import { hex } from '../poseidon.js';
import { toHex } from './case.js';
import { drawn } from './small-claims.js';

const shapes: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [1, 1, 3],
  [2, 3, 1],
  [3, 2, 1],
  [1, 30, 1],
  [1, 31, 1],
  [31, 1, 1],
  [1, 32, 1],
  [8, 8, 3],
  [28, 28, 1],
];

export function imageVectors() {
  const cases = shapes.map((shape) => ({
    shape,
    pixels: drawn(`image ${shape.join('x')}`, shape[0] * shape[1] * shape[2]),
  }));
  cases.push(
    { shape: [2, 2, 1], pixels: Buffer.alloc(4) },
    { shape: [1, 62, 1], pixels: Buffer.alloc(62, 0xff) },
  );
  return {
    about: 'imageDigest (commitment.md). Shapes are height, width, channels; pixels are bytes.',
    valid: cases.map(({ shape, pixels }) => ({
      shape,
      pixels: toHex(pixels),
      digest: hex(imageDigest(shape, pixels)),
    })),
    invalidSizes: [
      { name: 'a byte short', shape: [2, 2, 1], pixels: '000102', code: 'image.size' },
      { name: 'a byte long', shape: [2, 2, 1], pixels: '0001020304', code: 'image.size' },
      { name: 'nothing', shape: [2, 2, 1], pixels: '', code: 'image.size' },
    ],
    shapes: { '28x28x1': [28, 28, 1], '28x28': [28, 28, 1], '1024x1x3': [1024, 1, 3] },
    invalidShapes: [
      '',
      '28',
      '28x28x2',
      '28x28x4',
      '28x28x1x1',
      '0x28x1',
      '28x0',
      '1025x1',
      '28X28',
      ' 28x28',
      '28x28\n',
      '-1x2',
      '2.5x2',
      '00028x28',
    ].map((text) => ({ text, code: 'image.shape' })),
  };
}
