import { type Image, image } from '../../src/base/index.js';
import { type MarkSource, type Parameters } from '../../src/commitment/index.js';
import { type KeyPair, keyPairFrom } from '../../src/crypto/index.js';
import { fromHex, vectors } from './vectors.js';

/** The marks behind the commitment vectors, in the product's terms. */
export interface SmallClaim {
  readonly name: string;
  readonly parameters: Parameters;
  readonly source: MarkSource;
  readonly owner: KeyPair;
  readonly file: Uint8Array;
}

interface Body {
  readonly [key: string]: unknown;
  readonly shape: readonly [number, number, number];
  readonly classes: readonly string[];
}

/** Reads the vectors of whole commitments; the parameters come from the files themselves. */
export function smallClaims(): SmallClaim[] {
  return vectors('commitment').valid.map(({ name, mark, file }) => {
    const body = JSON.parse(file.split('\n')[1]!) as Body;
    const [height, width, channels] = body.shape;
    const shape = { height, width, channels };
    const parameters = {
      labelMode: body['labelMode'],
      natural: body['natural'],
      shape,
      classNames: body.classes,
      hidden: body['hidden'],
      audited: body['audited'],
      batchSize: body['batchSize'],
      origin: body['origin'],
    } as Parameters;
    return {
      name,
      parameters,
      source: {
        secret: fromHex(mark.secret),
        origin: parameters.origin,
        images: mark.images.map((pixels): Image => image(shape, fromHex(pixels))),
        natural: mark.natural,
        ...(mark.labels && { chosenLabels: mark.labels }),
      },
      owner: keyPairFrom(fromHex(mark.ownerSeed)),
      file: new Uint8Array(Buffer.from(file)),
    };
  });
}
