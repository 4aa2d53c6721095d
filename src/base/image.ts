import { InputError } from './errors.js';

/** Height and width in pixels, number of colour channels. */
export interface Shape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** An image of bytes, row-major height × width × channels. */
export interface Image {
  readonly shape: Shape;
  readonly pixels: Uint8Array;
}

/** Largest side that veilmark handles; bounds memory before anything is read. */
export const maxSide = 1024;

/** Number of bytes of an image. */
export function sizeOf(shape: Shape): number {
  return shape.height * shape.width * shape.channels;
}

/** `28x28x1`. */
export function formatShape({ height, width, channels }: Shape): string {
  return `${height}x${width}x${channels}`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.height === b.height && a.width === b.width && a.channels === b.channels;
}

/** Parses `28x28x1` or `28x28` (one channel). Throws `InputError` `image.shape`. */
export function parseShape(text: string): Shape {
  const match = /^(\d{1,4})x(\d{1,4})(?:x([13]))?$/.exec(text);
  const [height, width, channels] = [match?.[1], match?.[2], match?.[3] ?? '1'].map(Number);
  if (!height || !width || !channels || height > maxSide || width > maxSide) {
    throw new InputError({
      code: 'image.shape',
      message: `${JSON.stringify(text)} is not an image shape`,
      hint: `write HEIGHTxWIDTHxCHANNELS, sides 1 to ${maxSide} and channels 1 or 3, e.g. 28x28x1`,
    });
  }
  return { height, width, channels };
}

/** Checks that pixels fill the shape. Throws `InputError` `image.size`. */
export function image(shape: Shape, pixels: Uint8Array): Image {
  if (pixels.length !== sizeOf(shape)) {
    throw new InputError({
      code: 'image.size',
      message: `an image of shape ${formatShape(shape)} has ${sizeOf(shape)} bytes, got ${pixels.length}`,
    });
  }
  return { shape, pixels };
}
