import { Type } from 'typebox';
import { Check } from 'typebox/value';

import { concatBytes, type Image, InputError, type Shape } from '../base/index.js';
import type { Preprocessing } from '../training/engine.js';
import { preprocessor } from '../training/preprocess.js';
import { answerOfLabel, answerOfScores, type Reading } from './answers.js';
import type { BatchAnswer } from './batching.js';
import type { InputFormat, OutputFormat } from './inference-metadata.js';
import type { Reply } from './request.js';

/** Answer of `POST v2/models/M/infer`: data may be nested or flat (Open Inference Protocol, "tensor data"). */
const InferenceResponse = Type.Object({
  outputs: Type.Array(Type.Object({ name: Type.String(), data: Type.Array(Type.Unknown()) }), {
    maxItems: 100,
  }),
});

/** Writes a batch as the protocol's input tensor. Throws `InputError` `suspect.preprocessing`. */
export function encoder(
  { name, datatype, layout }: InputFormat,
  { shape, preprocessing }: { shape: Shape; preprocessing?: Preprocessing | undefined },
): (batch: readonly Image[]) => object {
  if (datatype === 'FP32' && preprocessing === undefined) {
    throw new InputError({
      code: 'suspect.preprocessing',
      message: 'the endpoint wants numbers (FP32), and nothing says how bytes become numbers',
      hint: 'state its mean and standard deviation for each channel',
    });
  }
  const toNumbers = preprocessing && preprocessor({ shape, preprocessing });
  const { height, width, channels } = shape;
  return (batch) => {
    const pixels = concatBytes(...batch.map((image) => image.pixels));
    const values = datatype === 'FP32' && toNumbers ? toNumbers(pixels, batch.length) : pixels;
    const last = layout === 'NHWC' ? [height, width, channels] : [channels, height, width];
    const data = layout === 'NHWC' ? values : channelsFirst(values, shape);
    return { name, datatype, shape: [batch.length, ...last], data: Array.from(data) };
  };
}

/** Rearranges images from height × width × channels to channels × height × width. */
function channelsFirst(
  values: Uint8Array | Float32Array,
  { height, width, channels }: Shape,
): Float32Array {
  const area = height * width;
  return Float32Array.from(values, (_, i) => {
    const rest = i % (area * channels);
    const channel = Math.floor(rest / area);
    return values[i - rest + (rest % area) * channels + channel] ?? 0;
  });
}

/** The answers of a reply, or why there is none. */
export function readAnswers(
  reply: Reply,
  { output, count, ...reading }: { output: OutputFormat; count: number } & Reading,
): BatchAnswer {
  if ('failed' in reply) return reply.failed;
  if (!Check(InferenceResponse, reply.body)) return 'suspect.garbage';
  const found = reply.body.outputs.find(({ name }) => name === output.name);
  if (found === undefined) return 'suspect.garbage';
  const values = found.data.flat(2);
  const { classes } = reading;
  const perImage = output.kind === 'label' ? 1 : classes;
  if (values.length !== count * perImage) return 'suspect.count';
  return Array.from({ length: count }, (_, i) =>
    output.kind === 'label'
      ? answerOfLabel(values[i], reading)
      : answerOfScores(values.slice(i * classes, (i + 1) * classes), reading),
  );
}
