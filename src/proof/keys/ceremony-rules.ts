import { EvidenceError, InputError } from '../../base/index.js';
import { beaconIterations, type Contribution } from './contributions.js';

/**
 * What a finished zkey needs besides: a contribution that is no beacon, the beacon last, and the contributions whose hashes
 * the reader expects, his own above all. Throws `EvidenceError` `key.degenerate`, `ceremony.beacon`, `ceremony.expected`.
 */
export function checkComplete(
  path: string,
  contributions: readonly Contribution[],
  expected: readonly string[],
): void {
  mustHaveContribution(path, contributions);
  mustHaveNoBeacon(path, contributions.slice(0, -1));
  const hashes = contributions.map(({ hash }) => hash);
  const missing = expected.find((hash) => !hashes.includes(hash));
  if (missing === undefined) return;
  throw new EvidenceError({
    code: 'ceremony.expected',
    message: `${path} does not contain the contribution ${missing}`,
    hint: 'somebody left it out, or this is a file from before it: do not use this key until it is in',
  });
}

export function mustHaveContribution(path: string, contributions: readonly Contribution[]): void {
  if (contributions.some(({ beacon }) => !beacon)) return;
  throw new EvidenceError({
    code: 'key.degenerate',
    message: `${path} has no contribution of anybody: with it anyone can prove anything`,
    hint: 'contribute to it first: veilmark setup ceremony contribute --help',
  });
}

export function mustHaveNoBeacon(path: string, contributions: readonly Contribution[]): void {
  if (contributions.every(({ beacon }) => !beacon)) return;
  throw new EvidenceError({
    code: 'ceremony.beacon',
    message: `${path} has a beacon before its end: the beacon comes once, after all contributions`,
    hint: 'go on from the file before the beacon',
  });
}

export function checkName(name: string): void {
  if (/^[^\p{C}\p{Zl}\p{Zp}]{1,64}$/u.test(name) && name.length <= 64) return;
  throw new InputError({
    code: 'ceremony.name',
    message: 'the name of a contributor has 1 to 64 printable characters',
    hint: 'e.g. --name "Ada, judge"',
  });
}

export function checkBeacon(value: string, iterationsLog2: number): void {
  const { least, most } = beaconIterations;
  const isWhole = Number.isInteger(iterationsLog2);
  if (isWhole && iterationsLog2 >= least && iterationsLog2 <= most) {
    if (/^([0-9a-f]{2}){1,255}$/.test(value)) return;
  }
  throw new InputError({
    code: 'ceremony.beacon-value',
    message: `a beacon has 1 to 255 bytes of lower-case hexadecimal and 2^${least} to 2^${most} iterations`,
    hint: 'e.g. the hash of a block that was not mined when the beacon was agreed on',
  });
}
