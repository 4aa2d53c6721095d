import { type Image, image, type Shape } from '../../src/base/index.js';
import {
  type Commitment,
  createCommitment,
  type Mark,
  openLabel,
  openPair,
  type Parameters,
} from '../../src/commitment/index.js';
import { generateKeyPair, type KeyPair, SeededStream } from '../../src/crypto/index.js';
import {
  type Answer,
  defaultPolicy,
  type Policy,
  type SpentBatch,
  type Suspect,
} from '../../src/protocol/index.js';
import { admitSpending, type Ledger, Offers, type Spending } from '../../src/prover/index.js';
import type { Decoy } from '../../src/verifier/index.js';

/** A whole small claim: owner, commitment and mark. */
export interface Claim {
  readonly owner: KeyPair;
  readonly commitment: Commitment;
  readonly mark: Mark;
}

export const testParameters: Parameters = {
  labelMode: 'derived',
  natural: 'none',
  shape: { height: 4, width: 4, channels: 1 },
  classNames: Array.from({ length: 10 }, (_, i) => `class ${i}`),
  hidden: 120,
  audited: 8,
  batchSize: 40,
  origin: 'system',
};

/** Noise images that anyone can recompute from a name. */
export function noiseImages(name: string, count: number, shape: Shape): Image[] {
  const stream = new SeededStream('test/images', [name]);
  const size = shape.height * shape.width * shape.channels;
  return Array.from({ length: count }, () => image(shape, stream.bytes(size)));
}

export function seeded(name: string): (length: number) => Uint8Array {
  const stream = new SeededStream('test/random', [name]);
  return (length) => stream.bytes(length);
}

/** Makes a claim from a name; the same name gives the same claim. */
export function makeClaim(name: string, changes: Partial<Parameters> = {}): Claim {
  const parameters = { ...testParameters, ...changes };
  const random = seeded(name);
  const owner = generateKeyPair(random);
  const pairs = parameters.hidden + parameters.audited;
  const classes = parameters.classNames.length;
  const chosenLabels = Array.from({ length: pairs }, (_, i) => i % classes);
  const { commitment, mark } = createCommitment({
    parameters,
    source: {
      secret: random(32),
      origin: parameters.origin,
      images: noiseImages(name, pairs, parameters.shape),
      natural: new Array<number>(pairs).fill(classes),
      ...(parameters.labelMode === 'chosen' && { chosenLabels }),
    },
    owner,
  });
  return { owner, commitment, mark };
}

const claims = new Map<string, Claim>();

/** The claim that most tests share; making one takes a second for its slow label seed. */
export function sharedClaim(name = 'shared'): Claim {
  const claim = claims.get(name) ?? makeClaim(name);
  claims.set(name, claim);
  return claim;
}

/** A suspect that knows the labels of a claim and answers its triggers as told, audited pairs rightly, other images by their first byte. */
export function markedSuspect(
  { commitment, mark }: Claim,
  answer: (label: number, place: number) => Answer = (label) => ({ label }),
): Suspect {
  const known = new Map<string, number>();
  const audited = new Set(commitment.audit.map(({ image: { pixels } }) => pixels.join()));
  mark.images.forEach(({ pixels }, index) => {
    known.set(pixels.join(), openLabel(commitment, openPair(mark, index)));
  });
  let place = 0;
  return {
    descriptor: {
      kind: 'test',
      identity: 'a suspect made for a test',
      shape: '4x4x1',
      classes: commitment.parameters.classNames.length,
      preprocessing: 'none',
      digest: '5d'.repeat(32),
    },
    classify: (images) =>
      Promise.resolve(
        images.map(({ pixels }) => {
          const label = known.get(pixels.join());
          if (label === undefined) {
            return { label: (pixels[0] ?? 0) % commitment.parameters.classNames.length };
          }
          return audited.has(pixels.join()) ? { label } : answer(label, place++);
        }),
      ),
    close: () => Promise.resolve(),
  };
}

export const testPolicy: Policy = { ...defaultPolicy, decoysPerTrigger: 1, deadlineSeconds: 5 };

export function testDecoys(count = 40): Decoy[] {
  return noiseImages('decoys', count, testParameters.shape).map((picture) => ({
    image: picture,
    kind: 'abstract',
  }));
}

/** A ledger in memory with the rules of the one on disk. */
export class MemoryLedger implements Ledger {
  readonly spendings: Spending[] = [];
  readonly offers: Offers;

  constructor(offers = new Offers()) {
    this.offers = offers;
  }

  spent(): Promise<SpentBatch[]> {
    return Promise.resolve(
      this.spendings
        .map(({ batch, judge, receipt, session }) => ({ batch, judge, receipt, session }))
        .sort((a, b) => a.batch - b.batch),
    );
  }

  spend(spending: Spending): Promise<void> {
    const admission = admitSpending(this.spendings, spending);
    if (admission === 'new') this.spendings.push(spending);
    return admission === 'new' || admission === 'known'
      ? Promise.resolve()
      : Promise.reject(new Error(admission));
  }
}
