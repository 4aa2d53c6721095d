import { formatShape, InputError, type Shape, sizeOf } from '../../base/index.js';

/** Places of a pixel in a model's input: by channel, row and column; row, column and channel; or a row of numbers in that order. */
export const onnxLayouts = ['nchw', 'nhwc', 'flat'] as const;
export type OnnxLayout = (typeof onnxLayouts)[number];

/** A tensor as the model describes it: sides are numbers, or names where any size will do. */
export interface TensorDescription {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

export interface OnnxInput {
  readonly name: string;
  readonly type: 'float32' | 'uint8';
  readonly layout: OnnxLayout;
  /** Whether it takes one image and no more. */
  readonly single: boolean;
}

export interface OnnxOutput {
  readonly name: string;
  readonly kind: 'label' | 'scores';
}

/** How the model takes images of this shape. Throws `InputError` `suspect.metadata` or `suspect.layout`. */
export function fitInput(
  inputs: readonly TensorDescription[],
  { shape, layout }: { shape: Shape; layout?: OnnxLayout | undefined },
): OnnxInput {
  const [tensor] = inputs;
  if (tensor === undefined || inputs.length !== 1) {
    throw unfit(`the model has ${inputs.length} inputs, one image is wanted`);
  }
  const { name, type } = tensor;
  if (type !== 'float32' && type !== 'uint8') {
    throw unfit(`the model’s input is of ${type}, only float32 and uint8 can be given`);
  }
  const [batch, ...sides] = tensor.shape;
  if (typeof batch === 'number' && batch > 1) {
    throw unfit(`the model takes ${batch} images at a time, only 1 or any number can be given`);
  }
  const fitting = onnxLayouts.filter((known) => fits(sides, sidesOf(known, shape)));
  const [found] = layout === undefined ? fitting : fitting.filter((one) => one === layout);
  const shown = tensor.shape.join('x');
  if (found === undefined) {
    const wanted = layout === undefined ? '' : ` as ${layout}`;
    throw unfit(`the model’s input is ${shown}, the images are ${formatShape(shape)}${wanted}`);
  }
  if (layout === undefined && fitting.length > 1) {
    throw new InputError({
      code: 'suspect.layout',
      message: `the model’s input is ${shown}, which could be ${fitting.join(' or ')}`,
      hint: `say which one with --onnx-layout`,
    });
  }
  return { name, type, layout: found, single: batch === 1 };
}

/** The sides of one image in a layout. */
export function sidesOf(layout: OnnxLayout, shape: Shape): number[] {
  const { height, width, channels } = shape;
  if (layout === 'flat') return [sizeOf(shape)];
  return layout === 'nchw' ? [channels, height, width] : [height, width, channels];
}

/** The first output that is a label or a row of scores, or the named one. Throws `InputError` `suspect.metadata`. */
export function fitOutput(
  outputs: readonly TensorDescription[],
  { classes, output }: { classes: number; output?: string | undefined },
): OnnxOutput {
  const [found] = outputs
    .filter(({ name }) => output === undefined || name === output)
    .flatMap(({ name, type, shape }): OnnxOutput[] => {
      const [, perImage = 1, ...more] = shape;
      if (more.length > 0) return [];
      const any = typeof perImage === 'string';
      if (/^u?int(8|16|32|64)$/.test(type) && perImage === 1) return [{ name, kind: 'label' }];
      if (type === 'float32' && (any || perImage === classes)) return [{ name, kind: 'scores' }];
      return [];
    });
  if (found !== undefined) return found;
  const list = outputs.map(({ name, type, shape }) => `${name} ${type} ${shape.join('x')}`);
  throw unfit(`no output is a label or ${classes} scores an image: ${list.join(', ')}`);
}

function fits(sides: readonly (number | string)[], wanted: readonly number[]): boolean {
  return (
    sides.length === wanted.length &&
    sides.every((side, i) => typeof side === 'string' || side === wanted[i])
  );
}

function unfit(message: string): InputError {
  return new InputError({
    code: 'suspect.metadata',
    message,
    hint: 'name a model of the committed shape and classes, or another output',
  });
}
