import { Type, type Static } from 'typebox';

import { checkSchema, formatShape, InputError, type Shape } from '../base/index.js';

const TensorMetadata = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 200 }),
  datatype: Type.String({ maxLength: 20 }),
  shape: Type.Array(Type.Integer({ minimum: -1 }), { minItems: 1, maxItems: 8 }),
});

/** Answer of `GET v2/models/M` (Open Inference Protocol, REST, "model metadata"). */
const ModelMetadata = Type.Object({
  inputs: Type.Array(TensorMetadata, { maxItems: 100 }),
  outputs: Type.Array(TensorMetadata, { maxItems: 100 }),
});

/** How a question to this endpoint is put. */
export interface InputFormat {
  readonly name: string;
  /** Raw bytes, or preprocessed numbers. */
  readonly datatype: 'UINT8' | 'FP32';
  readonly layout: 'NHWC' | 'NCHW';
  /** Whether it takes one image a request and no more. */
  readonly single: boolean;
}

/** Where its answer is found: a class an image, or a score for each class. */
export interface OutputFormat {
  readonly name: string;
  readonly kind: 'label' | 'scores';
}

/**
 * Fits an endpoint's own description to the images and classes of a session. The first output that can be read is taken,
 * unless one is named. Throws `InputError` `suspect.metadata`, naming both sides.
 */
export function readMetadata(
  value: unknown,
  { shape, classes, output }: { shape: Shape; classes: number; output?: string | undefined },
): { input: InputFormat; output: OutputFormat } {
  const code = 'suspect.metadata';
  const metadata = checkSchema({ value, schema: ModelMetadata, what: 'model metadata', code });
  const refuse = (message: string): never => {
    throw new InputError({
      code,
      message,
      hint: 'ask a model of the committed shape and classes, or name another output',
    });
  };
  const [tensor] = metadata.inputs;
  if (tensor === undefined || metadata.inputs.length !== 1) {
    return refuse(`the model has ${metadata.inputs.length} inputs, one image is wanted`);
  }
  const layout = layoutOf(tensor.shape, shape);
  if (layout === undefined) {
    return refuse(
      `the model's input is ${tensor.shape.join('x')}, the images are ${formatShape(shape)}`,
    );
  }
  const { name, datatype } = tensor;
  const batch = tensor.shape[0];
  if (batch !== -1 && batch !== 1) {
    return refuse(
      `the model takes batches of exactly ${batch ?? 0} images, only 1 or any number can be sent`,
    );
  }
  if (datatype !== 'UINT8' && datatype !== 'FP32') {
    return refuse(`the model's input is of ${datatype}, only UINT8 and FP32 can be sent`);
  }
  const readable = metadata.outputs
    .filter((candidate) => output === undefined || candidate.name === output)
    .flatMap((candidate) => outputFormat(candidate, classes));
  const [found] = readable;
  if (found === undefined) {
    const list = metadata.outputs.map((o) => `${o.name} ${o.datatype} ${o.shape.join('x')}`);
    return refuse(`no output is a label or ${classes} scores an image: ${list.join(', ')}`);
  }
  return { input: { name, datatype, layout, single: batch === 1 }, output: found };
}

/** How the sides after the first, the batch, are those of the images; -1 stands for any size. */
function layoutOf(
  [, ...sides]: readonly number[],
  { height, width, channels }: Shape,
): InputFormat['layout'] | undefined {
  const are = (...wanted: number[]): boolean =>
    sides.length === wanted.length && sides.every((side, i) => side === -1 || side === wanted[i]);
  if (are(height, width, channels)) return 'NHWC';
  return are(channels, height, width) ? 'NCHW' : undefined;
}

function outputFormat(
  { name, datatype, shape }: Static<typeof TensorMetadata>,
  classes: number,
): OutputFormat[] {
  const [, perImage = 1, ...more] = shape;
  if (more.length > 0) return [];
  if (/^U?INT(8|16|32|64)$/.test(datatype) && perImage === 1) return [{ name, kind: 'label' }];
  if (/^FP(16|32|64)$/.test(datatype) && (perImage === classes || perImage === -1))
    return [{ name, kind: 'scores' }];
  return [];
}
