import { expect } from 'chai';

import {
  checkParameters,
  createCommitment,
  encodeCommitment,
  type MarkSource,
  openCommitment,
  type Parameters,
} from '../../src/commitment/index.js';
import { generateKeyPair, systemRandom } from '../../src/crypto/index.js';
import { coded } from '../coded.js';
import { makeClaim, noiseImages, sharedClaim, testParameters } from '../support/claim.js';
import { smallClaims } from '../support/small-claims.js';

const [derived, natural, chosen] = smallClaims() as [SmallClaim, SmallClaim, SmallClaim];
type SmallClaim = ReturnType<typeof smallClaims>[number];

function create(claim: SmallClaim, source: Partial<MarkSource>, terms: Partial<Parameters> = {}) {
  return createCommitment({
    parameters: { ...claim.parameters, ...terms },
    source: { ...claim.source, ...source },
    owner: claim.owner,
  });
}

describe('making a commitment', () => {
  it('gives the same file for the same secrets, and another for another secret', () => {
    const [one, again] = [sharedClaim(), makeClaim('shared')];
    expect(again.commitment.bytes).to.deep.equal(one.commitment.bytes);
    expect(again.mark).to.deep.equal(one.mark);
    const other = create(derived, { secret: systemRandom(32) }).commitment;
    const labels = openCommitment(derived.file);
    expect(other.labelSeed).not.to.equal(labels.labelSeed);
    expect(other.triggers.some((element) => labels.triggers.includes(element))).to.equal(false);
  });

  it('tells how far it is', () => {
    const seen: number[] = [];
    const { parameters, source, owner } = derived;
    createCommitment({ parameters, source, owner, onProgress: (done) => seen.push(done) });
    expect(seen).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  const images = (count: number, side = 2) =>
    noiseImages('x', count, { height: side, width: 2, channels: 1 });
  const bad: readonly [name: string, code: string, run: () => unknown][] = [
    ['too few images', 'commitment.images', () => create(derived, { images: images(5) })],
    ['too many images', 'commitment.images', () => create(derived, { images: images(7) })],
    [
      'images of another shape',
      'commitment.images',
      () => create(derived, { images: images(6, 3) }),
    ],
    ['too few natural classes', 'commitment.images', () => create(derived, { natural: [4, 4] })],
    [
      'a natural class where there are none',
      'commitment.labels',
      () => create(derived, { natural: [0, 4, 4, 4, 4, 4] }),
    ],
    [
      'a natural class beyond K',
      'commitment.labels',
      () => create(natural, { natural: [0, 1, 2, 3, 5, 0] }),
    ],
    [
      'a natural class that is no number',
      'commitment.labels',
      () => create(natural, { natural: [0, 1, 2, 3, 4, 0.5] }),
    ],
    [
      'labels where they are derived',
      'commitment.labels',
      () => create(derived, { chosenLabels: [0, 0, 0, 0, 0, 0] }),
    ],
    [
      'no labels where they are chosen',
      'commitment.labels',
      () =>
        createCommitment({
          ...derived,
          parameters: { ...derived.parameters, labelMode: 'chosen' },
        }),
    ],
    ['too few labels', 'commitment.labels', () => create(chosen, { chosenLabels: [1, 2, 3] })],
    [
      'a label beyond K',
      'commitment.labels',
      () => create(chosen, { chosenLabels: [1, 2, 3, 0, 4, 3] }),
    ],
    [
      'a label that is the natural class',
      'commitment.labels',
      () => create(chosen, { chosenLabels: [0, 2, 3, 0, 0, 3] }),
    ],
    [
      'a test seed without its stamp',
      'commitment.parameters',
      () => create(derived, { origin: 'test' }),
    ],
    [
      'a class name without a UTF-8 form',
      'encoding.text',
      () => create(derived, {}, { classNames: ['a', 'b', '\ud800', 'd'] }),
    ],
  ];
  for (const [name, code, run] of bad) it(`refuses ${name}`, () => coded(code, run));

  it('signs only with the owner’s key', () =>
    coded('commitment.owner', () =>
      encodeCommitment(openCommitment(derived.file), generateKeyPair(systemRandom).secretKey),
    ));
});

describe('parameters that mean nothing', () => {
  const classNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);
  const shape = (height: number, width = 4, channels = 1) => ({
    shape: { height, width, channels },
  });
  const bad: Record<string, Partial<Parameters>> = {
    'no height': shape(0),
    'a negative width': shape(4, -4),
    'a fraction of a pixel': shape(4.5),
    'a side above 1024': shape(1025),
    'two channels': shape(4, 4, 2),
    'one class': { classNames: ['one'] },
    'two classes beside natural ones': { classNames: ['a', 'b'], natural: 'given' },
    'two chosen classes beside natural ones': {
      classNames: ['a', 'b'],
      natural: 'given',
      labelMode: 'chosen',
    },
    'more than 100,000 classes': { classNames: classNames(100_001) },
    'a class name twice': { classNames: ['a', 'b', 'a'] },
    'an empty class name': { classNames: ['a', ''] },
    'no hidden pair': { hidden: 0 },
    'hidden pairs beside the batches': { hidden: 121 },
    'a fraction of a batch': { batchSize: 0.5 },
    'no number of batches': { batchSize: NaN },
    'nothing audited': { audited: 0 },
    'more than 20,000 pairs': { hidden: 20_000 },
    'more than 1 GiB': { ...shape(1024, 1024, 3), hidden: 400 },
  };
  for (const [name, change] of Object.entries(bad)) {
    it(`are refused: ${name}`, () =>
      coded('commitment.parameters', () => {
        checkParameters({ ...testParameters, ...change });
      }));
  }

  it('are all named at once', async () => {
    const error = await coded('commitment.parameters', () => {
      checkParameters({ ...testParameters, ...shape(0), classNames: [], audited: 0 });
    });
    expect(error.message)
      .to.match(/shape/)
      .and.to.match(/classes/)
      .and.to.match(/audited/);
  });

  it('end where the limits are', () => {
    checkParameters({ ...testParameters, ...shape(1024, 1), hidden: 40 });
    checkParameters({ ...testParameters, classNames: classNames(100_000) });
    checkParameters({ ...testParameters, hidden: 19_960, audited: 40 });
    checkParameters({ ...testParameters, classNames: ['a', 'b'] });
  });
});
