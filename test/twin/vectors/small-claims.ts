import { Shake } from '../bytes.js';
import { commit, type Terms, type TwinCommitment, type TwinMark } from '../commitment.js';

/** Bytes that anyone can draw again, where an owner would use secret ones. */
export function drawn(name: string, length: number): Buffer {
  return Buffer.from(new Shake('test/vectors/1', [name]).bytes(length));
}

export const smallTerms: Terms = {
  labelMode: 'derived',
  natural: 'none',
  shape: [2, 2, 1],
  classes: ['cat', 'dog', 'Straße', '鳥'],
  hidden: 4,
  audited: 2,
  batchSize: 2,
  origin: 'system',
};

export function smallMark(
  name: string,
  changes: Partial<Terms> = {},
  more: Partial<TwinMark> = {},
): TwinMark {
  const terms = { ...smallTerms, ...changes };
  const pairs = terms.hidden + terms.audited;
  const size = terms.shape[0] * terms.shape[1] * terms.shape[2];
  return {
    terms,
    secret: drawn(`${name}: secret`, 32),
    ownerSeed: drawn(`${name}: owner`, 32),
    images: Array.from({ length: pairs }, (_, i) => drawn(`${name}: image ${i}`, size)),
    natural: Array<number>(pairs).fill(terms.classes.length),
    ...more,
  };
}

const made = new Map<string, TwinCommitment>();

function once(name: string, mark: () => TwinMark): TwinCommitment {
  const claim = made.get(name) ?? commit(mark());
  made.set(name, claim);
  return claim;
}

/** Labels derived, abstract images. The session of the vectors is about this one. */
export const derivedClaim = (): TwinCommitment => once('derived', () => smallMark('derived'));

/** Labels derived, images of every natural class and of none. */
export const naturalClaim = (): TwinCommitment =>
  once('natural', () =>
    smallMark('natural', { natural: 'given' }, { natural: [0, 1, 2, 3, 4, 0] }),
  );

/** The paper's own mode: the owner's labels. */
export const chosenClaim = (): TwinCommitment =>
  once('chosen', () =>
    smallMark(
      'chosen',
      { labelMode: 'chosen', natural: 'given', shape: [3, 4, 3] },
      { natural: [0, 1, 2, 3, 4, 4], labels: [1, 2, 3, 0, 0, 3] },
    ),
  );
