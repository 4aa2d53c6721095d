import type { Image } from '../../src/base/index.js';
import type { NullModel } from '../../src/verifier/index.js';

/** Null models that answer as told, in the order of their numbers. */
export function nullModels(
  count: number,
  answer: (image: Image, model: number) => number | string,
): NullModel[] {
  return Array.from({ length: count }, (_, model) => ({
    digest: `${model}`.padStart(64, '0'),
    labelMap: Array.from({ length: 10 }, (_, label) => label),
    open: () =>
      Promise.resolve({
        classify: (images) =>
          Promise.resolve(
            images.map((image) => {
              const said = answer(image, model);
              return typeof said === 'number' ? { label: said } : { refused: said };
            }),
          ),
        close: () => Promise.resolve(),
      }),
  }));
}
