import { fromBase64, toBase64 } from '../../src/base/index.js';
import { fieldOrder } from '../../src/crypto/index.js';
import type { Openings } from '../../src/protocol/index.js';
import { cheatingOwner, type Ending, expectEnding } from '../support/cheat.js';
import { sharedClaim } from '../support/claim.js';

type OpeningJson = Openings['openings'][number];

/** Attack: the owner opens an image that is not quite the committed one, or in another spelling. */
describe('an owner who edits an image', () => {
  const invalid = (cause: string): Ending => ({ verdict: 'invalid', cause, fault: 'owner' });
  const edits: [string, (opening: OpeningJson) => Partial<OpeningJson>, Ending][] = [
    [
      'one bit of one pixel',
      ({ image }) => ({ image: withLastBit(image) }),
      invalid('opening.trigger'),
    ],
    ['the randomness', ({ r }) => ({ r: plus(r, 1n) }), invalid('opening.trigger')],
    ['the randomness by p', ({ r }) => ({ r: plus(r, fieldOrder) }), invalid('encoding.field')],
    ['the natural class', () => ({ natural: 3 }), invalid('opening.natural')],
    ['the size', ({ image }) => ({ image: longer(image) }), invalid('image.size')],
    [
      'the spelling of the base64',
      ({ image }) => ({ image: respelt(image) }),
      invalid('encoding.base64'),
    ],
  ];
  for (const [what, edit, ending] of edits) {
    it(`is at fault when ${what} was changed`, async () => {
      const record = await cheatingOwner(sharedClaim(), {
        openings: ({ payload, sign }) => {
          const [first, ...others] = payload.openings;
          return [
            sign({
              payload: { hidden: [], openings: [{ ...first!, ...edit(first!) }, ...others] },
            }),
          ];
        },
      });
      expectEnding(record, ending);
    });
  }
});

function withLastBit(image: string): string {
  const pixels = fromBase64(image);
  pixels[15] = pixels[15]! ^ 1;
  return toBase64(pixels);
}

function longer(image: string): string {
  return toBase64(new Uint8Array([...fromBase64(image), 0]));
}

/** 16 bytes leave four unused bits in the last digit, which lenient decoders ignore. */
function respelt(image: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return `${image.slice(0, 21)}${digits.charAt(digits.indexOf(image.charAt(21)) + 1)}==`;
}

function plus(r: string, increment: bigint): string {
  return (BigInt(`0x${r}`) + increment).toString(16).padStart(64, '0');
}
