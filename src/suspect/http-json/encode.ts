import { type Image, InputError, type Shape, toBase64, utf8ToBytes } from '../../base/index.js';
import {
  dataUrl,
  describeNumbers,
  describePng,
  nested,
  type NumberFormat,
  numbersOf,
  pngOf,
} from '../image-encoding.js';
import type { HttpJsonConfig } from './config.js';
import { multipartForm } from './multipart.js';
import { type EncodedImage, fill, formsOf, type ImageForm } from './template.js';

/** The body of a question. */
export interface EncodedBatch {
  readonly body: Uint8Array;
  readonly contentType: string;
}

/** Writes images as the settings say, and says in words what is done to them. Throws `InputError` `suspect.config`. */
export function requestEncoder(
  config: HttpJsonConfig,
  shape: Shape,
): { encode: (batch: readonly Image[]) => Promise<EncodedBatch>; preprocessing: string } {
  const { body, multipart, raw, enlarge = 1, normalise, layout = 'hwc' } = config;
  if (normalise && normalise.mean.length !== shape.channels) {
    throw new InputError({
      code: 'suspect.config',
      message: `endpoint settings: normalise is for ${normalise.mean.length} channels, the images have ${shape.channels}`,
      hint: 'write one mean and one deviation a channel, for pixels / 255',
    });
  }
  const png = (batch: readonly Image[]): Promise<Uint8Array> =>
    pngOf(batch[0] ?? { shape, pixels: new Uint8Array() }, enlarge);
  if (multipart) {
    const { file, fields = {} } = multipart;
    return {
      encode: async (batch) => multipartForm({ file, fields, png: await png(batch) }),
      preprocessing: describePng(enlarge),
    };
  }
  if (raw) {
    return {
      encode: async (batch) => ({ body: await png(batch), contentType: 'image/png' }),
      preprocessing: describePng(enlarge),
    };
  }
  const forms = formsOf(body);
  const format = { shape, preprocessing: normalise, layout };
  const encodeOne = imageEncoder(forms, { enlarge, format });
  const asPicture = forms.some((form) => form === 'base64' || form === 'data-url');
  const asNumbers = forms.some((form) => form === 'numbers' || form === 'rows');
  return {
    encode: async (batch) => {
      const images = await Promise.all(batch.map(encodeOne));
      return {
        body: utf8ToBytes(JSON.stringify(fill(body, images))),
        contentType: 'application/json',
      };
    },
    preprocessing: [
      ...(asPicture ? [describePng(enlarge)] : []),
      ...(asNumbers ? [describeNumbers(format)] : []),
    ].join('; '),
  };
}

function imageEncoder(
  forms: readonly ImageForm[],
  { enlarge, format }: { enlarge: number; format: NumberFormat },
): (image: Image) => Promise<EncodedImage> {
  const toNumbers = numbersOf(format);
  return async (image) => {
    const png = forms.some((form) => form === 'base64' || form === 'data-url')
      ? await pngOf(image, enlarge)
      : new Uint8Array();
    const one: Record<ImageForm, () => unknown> = {
      base64: () => toBase64(png),
      'data-url': () => dataUrl(png),
      numbers: () => toNumbers(image),
      rows: () => nested(toNumbers(image), format),
    };
    return Object.fromEntries(forms.map((form) => [form, one[form]()]));
  };
}
