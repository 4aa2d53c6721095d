import { Type } from 'typebox';

import {
  bytesToHex,
  canonicalBytes,
  concatBytes,
  hexBytes,
  type Image,
  image,
  InputError,
  parseCanonical,
  sizeOf,
  utf8ToBytes,
} from '../base/index.js';
import { bytesToField, deriveSecret } from '../crypto/index.js';
import { classCount, pairCount, type Parameters } from './parameters.js';
import type { Opening } from './opening.js';

/** The whole trigger set with its randomness (the paper's mk). Secret. */
export interface Mark {
  /** 32 bytes from which all randomness r and s comes. */
  readonly secret: Uint8Array;
  readonly origin: 'system' | 'test';
  /** All images, in the order of the commitment. */
  readonly images: readonly Image[];
  /** The natural class of each image, K for none. */
  readonly natural: readonly number[];
  /** In chosen mode the owner's labels. */
  readonly chosenLabels?: readonly number[];
  /** Digest of the commitment file that the mark belongs to. */
  readonly commitment: Uint8Array;
}

/** What the mark keeps before its commitment exists. */
export type MarkSource = Omit<Mark, 'commitment'>;

/** Content name of a sealed mark file. */
export const markContent = 'mark';

/** The opening of one pair. */
export function openPair(mark: MarkSource, index: number): Opening {
  const picture = mark.images[index];
  const natural = mark.natural[index];
  const label = mark.chosenLabels?.[index];
  if (picture === undefined || natural === undefined) {
    throw new InputError({ code: 'mark.index', message: `the mark has no pair ${index}` });
  }
  const uniform = (purpose: string): bigint =>
    bytesToField(deriveSecret(mark.secret, { purpose, index }, 64));
  return {
    index,
    image: picture,
    natural,
    r: uniform('veilmark/trigger-randomness/1'),
    ...(label !== undefined && {
      chosen: { label, s: uniform('veilmark/label-randomness/1') },
    }),
  };
}

const Header = Type.Object(
  {
    commitment: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    labels: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }))),
    natural: Type.Array(Type.Integer({ minimum: 0 })),
    origin: Type.Union([Type.Literal('system'), Type.Literal('test')]),
    secret: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
);

/** The bytes that a mark file seals: a line of canonical JSON, then all pixels one image after another. */
export function encodeMark(mark: Mark): Uint8Array {
  const header = canonicalBytes({
    commitment: bytesToHex(mark.commitment),
    ...(mark.chosenLabels && { labels: mark.chosenLabels }),
    natural: mark.natural,
    origin: mark.origin,
    secret: bytesToHex(mark.secret),
  });
  return concatBytes(header, utf8ToBytes('\n'), ...mark.images.map(({ pixels }) => pixels));
}

/** Reads what `encodeMark` wrote, for a commitment's parameters. Throws `InputError` `mark.format`. */
export function decodeMark(bytes: Uint8Array, parameters: Parameters): Mark {
  const end = bytes.indexOf(0x0a);
  const pairs = pairCount(parameters);
  const size = sizeOf(parameters.shape);
  const problem = (message: string): InputError => new InputError({ code: 'mark.format', message });
  if (end < 0) throw problem('the mark has no first line');
  const header = parseCanonical({
    bytes: bytes.subarray(0, end),
    schema: Header,
    what: 'mark',
    code: 'mark.format',
  });
  const pixels = bytes.subarray(end + 1);
  const { labels } = header;
  if (
    header.natural.length !== pairs ||
    pixels.length !== pairs * size ||
    (labels !== undefined) !== (parameters.labelMode === 'chosen') ||
    (labels ?? header.natural).length !== pairs ||
    header.natural.some((natural) => natural > classCount(parameters))
  ) {
    throw problem('the mark does not fit the commitment: other numbers of pairs, shape or labels');
  }
  return {
    secret: hexBytes(header.secret, 32),
    origin: header.origin,
    images: Array.from({ length: pairs }, (_, i) =>
      image(parameters.shape, pixels.subarray(i * size, (i + 1) * size)),
    ),
    natural: header.natural,
    ...(labels && { chosenLabels: labels }),
    commitment: hexBytes(header.commitment, 32),
  };
}
