import { Type, type Static } from 'typebox';

import { checkSchema, InputError, type Shape, sizeOf } from '../base/index.js';
import { argmax, type Predictor } from '../training/evaluate.js';

export interface ServedModel extends Predictor {
  /** In the path of its requests: `v2/models/NAME`. */
  readonly name: string;
  readonly shape: Shape;
  readonly classes: number;
  /** Whether the scores are told beside the label. */
  readonly logits: boolean;
}

/** A request that gets an HTTP error. */
export class HttpProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const InferenceRequest = Type.Object({
  id: Type.Optional(Type.String({ maxLength: 200 })),
  inputs: Type.Array(
    Type.Object({
      name: Type.Literal('image'),
      datatype: Type.Literal('UINT8'),
      shape: Type.Array(Type.Integer({ minimum: 0, maximum: 2 ** 31 }), { maxItems: 8 }),
      data: Type.Array(Type.Unknown()),
    }),
    { minItems: 1, maxItems: 1 },
  ),
  outputs: Type.Optional(Type.Array(Type.Object({ name: Type.String() }), { maxItems: 10 })),
});

/**
 * Answers one request of the Open Inference Protocol V2 (REST): `v2`, `v2/health/live`, `v2/health/ready`,
 * `v2/models/M`, `v2/models/M/ready`, `v2/models/M/infer`. Input `image`, UINT8, n × H × W × C; outputs `label`, INT32,
 * n, and where the model tells them `logits`, FP32, n × K. Throws `HttpProblem`.
 */
export async function answerRequest({
  model,
  method,
  pathname,
  body,
}: {
  model: ServedModel;
  method: string;
  pathname: string;
  body?: Uint8Array | undefined;
}): Promise<object> {
  const path = `/v2/models/${encodeURIComponent(model.name)}`;
  const wanted = pathname === `${path}/infer` ? 'POST' : 'GET';
  const routes: Record<string, () => object | Promise<object>> = {
    '/v2': () => ({ name: 'veilmark', version: '1', extensions: [] }),
    '/v2/health/live': () => ({ live: true }),
    '/v2/health/ready': () => ({ ready: true }),
    [path]: () => metadata(model),
    [`${path}/ready`]: () => ({ name: model.name, ready: true }),
    [`${path}/infer`]: () => infer(model, parseRequest(body ?? new Uint8Array())),
  };
  const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
  if (route === undefined) throw new HttpProblem(404, `there is nothing at ${pathname}`);
  if (method !== wanted) throw new HttpProblem(405, `${pathname} takes ${wanted} only`);
  return route();
}

function metadata({ name, shape, classes, logits }: ServedModel): object {
  const { height, width, channels } = shape;
  const scores = { name: 'logits', datatype: 'FP32', shape: [-1, classes] };
  return {
    name,
    versions: ['1'],
    platform: 'veilmark_tfjs',
    inputs: [{ name: 'image', datatype: 'UINT8', shape: [-1, height, width, channels] }],
    outputs: [{ name: 'label', datatype: 'INT32', shape: [-1] }, ...(logits ? [scores] : [])],
  };
}

async function infer(
  model: ServedModel,
  { id, inputs, outputs }: Static<typeof InferenceRequest>,
): Promise<object> {
  const { classes } = model;
  const offered = model.logits ? ['label', 'logits'] : ['label'];
  const names = outputs?.map(({ name }) => name) ?? offered;
  const unknown = names.find((name) => !offered.includes(name));
  if (unknown !== undefined) throw new HttpProblem(400, `there is no output ${unknown}`);
  const { pixels, count } = readImages(model, inputs[0]);
  const logits = await model.predict(pixels, count);
  const labels = Array.from({ length: count }, (_, i) => argmax(logits, i * classes, classes));
  if (labels.includes(-1)) throw new HttpProblem(500, 'the network gives no finite scores');
  const tensors: Record<string, object> = {
    label: { name: 'label', datatype: 'INT32', shape: [count], data: labels },
    logits: { name: 'logits', datatype: 'FP32', shape: [count, classes], data: [...logits] },
  };
  const answers = names.map((name) => tensors[name]);
  return { model_name: model.name, ...(id !== undefined && { id }), outputs: answers };
}

function readImages(
  { shape }: ServedModel,
  input: Static<typeof InferenceRequest>['inputs'][number] | undefined,
): { pixels: Uint8Array; count: number } {
  const { height, width, channels } = shape;
  const [count = 0, ...sides] = input?.shape ?? [];
  if (sides.join() !== [height, width, channels].join() || count < 1) {
    throw new HttpProblem(400, `the shape must be n,${height},${width},${channels}`);
  }
  const values = (input?.data ?? []).flat(3);
  if (values.length !== count * sizeOf(shape)) {
    throw new HttpProblem(
      400,
      `${count} images have ${count * sizeOf(shape)} values, got ${values.length}`,
    );
  }
  const bytes = values.every(
    (v) => Number.isInteger(v) && (v as number) >= 0 && (v as number) < 256,
  );
  if (!bytes) throw new HttpProblem(400, 'UINT8 values are whole numbers from 0 to 255');
  return { pixels: Uint8Array.from(values as number[]), count };
}

function parseRequest(bytes: Uint8Array): Static<typeof InferenceRequest> {
  try {
    return checkSchema({
      value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
      schema: InferenceRequest,
      what: 'request',
      code: 'request.format',
    });
  } catch (error) {
    const message = error instanceof InputError ? error.message : 'the request is not JSON';
    throw new HttpProblem(400, message);
  }
}
