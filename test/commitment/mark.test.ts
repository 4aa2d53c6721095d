import { expect } from 'chai';
import fc from 'fast-check';

import { bytesToHex, concatBytes, utf8ToBytes } from '../../src/base/index.js';
import {
  checkBelongs,
  createCommitment,
  dealPairs,
  decodeMark,
  encodeMark,
  HiddenTriggers,
  type Mark,
  openPair,
} from '../../src/commitment/index.js';
import { coded } from '../coded.js';
import { sharedClaim } from '../support/claim.js';
import { smallClaims } from '../support/small-claims.js';

const { parameters, source, owner } = smallClaims()[0]!;
const { commitment, mark } = createCommitment({ parameters, source, owner });

describe('a mark file', () => {
  const file = encodeMark(mark);
  const header = Buffer.from(file).toString('utf8').split('\n')[0]!;
  const pixels = file.subarray(header.length + 1);
  const withHeader = (text: string) => concatBytes(utf8ToBytes(`${text}\n`), pixels);
  const bad: Record<string, Uint8Array> = {
    'nothing at all': new Uint8Array(),
    'no line feed': utf8ToBytes(header),
    'a pixel missing': file.subarray(0, -1),
    'a pixel too many': concatBytes(file, Uint8Array.of(0)),
    'a natural class missing': withHeader(header.replace('"natural":[4,', '"natural":[')),
    'a natural class beyond K': withHeader(header.replace('"natural":[4,', '"natural":[5,')),
    'labels where they are derived': withHeader(
      header.replace(',"natural"', ',"labels":[0,0,0,0,0,0],"natural"'),
    ),
    'keys out of order': withHeader(
      header.replace(/("natural":\[.*\]),("origin":"system")/, '$2,$1'),
    ),
    'a short secret': withHeader(header.replace(/[0-9a-f]{2}"}/, '"}')),
  };

  it('goes both ways', () => {
    expect(decodeMark(file, parameters)).to.deep.equal(mark);
  });

  for (const [name, bytes] of Object.entries(bad)) {
    it(`is refused: ${name}`, () => coded('mark.format', () => decodeMark(bytes, parameters)));
  }

  it('has no other pairs than its own', () => coded('mark.index', () => openPair(mark, 6)));

  it('belongs to its commitment alone', () =>
    coded('mark.commitment', () => {
      checkBelongs({ ...mark, commitment: mark.secret }, commitment);
    }));
});

describe('hidden triggers', () => {
  it('are all hidden pairs with their committed labels, and no audited one', () => {
    const claim = sharedClaim();
    const hidden = HiddenTriggers.of(claim.mark, claim.commitment);
    const { audited, batches } = claim.commitment.order;
    expect(hidden.indices).to.deep.equal(batches.flat().sort((a, b) => a - b));
    expect(hidden.indices.some((index) => audited.includes(index))).to.equal(false);
    const seen = new Set(audited.map((index) => bytesToHex(claim.mark.images[index]!.pixels)));
    for (let at = 0; at < hidden.pixels.length; at += 16) {
      expect(seen.has(bytesToHex(hidden.pixels.subarray(at, at + 16)))).to.equal(false);
    }
  });

  it('never include an audited pair, whatever the seed', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 250n }), (seed) => {
        const order = dealPairs(parameters, seed);
        const all = [...order.audited, ...order.batches.flat()].sort((a, b) => a - b);
        expect(all).to.deep.equal(mark.images.map((_, index) => index));
      }),
      { numRuns: 50 },
    );
  });

  it('are dealt by the label seed alone: a commitment with an order of one’s own is refused', async () => {
    const [first = []] = commitment.order.batches;
    const order = { audited: first, batches: [commitment.order.audited] };
    await coded('mark.order', () => HiddenTriggers.of(mark, { ...commitment, order }));
  });

  it('are refused when the mark was changed', async () => {
    const hidden = commitment.order.batches[0]![0]!;
    const changed = (change: Partial<Mark>) => () =>
      HiddenTriggers.of({ ...mark, ...change }, commitment);
    const images = mark.images.map((image, i) =>
      i === hidden ? { ...image, pixels: image.pixels.map((value) => value ^ 1) } : image,
    );
    await coded('opening.trigger', changed({ images }));
    await coded('opening.trigger', changed({ secret: new Uint8Array(32) }));
    await coded('opening.natural', changed({ natural: mark.natural.map(() => 0) }));
    await coded('mark.commitment', changed({ commitment: new Uint8Array(32) }));
  });
});
