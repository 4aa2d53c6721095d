import { bn254 } from '@noble/curves/bn254.js';

import { encodeZkey, littleEndian } from '../../../src/proof/keys/zkey-file.js';
import { readContributions } from '../../../src/proof/keys/contributions.js';
import { coordinatePrime } from '../../../src/proof/keys/montgomery.js';
import { readZkey } from '../../../src/proof/keys/zkey-layout.js';
import type { FuzzTarget } from '../target.js';

/** snarkjs's proving key with its list of contributions. */
export const zkey: FuzzTarget = {
  name: 'zkey',
  seeds: () => {
    const g1 = (points: number) => new Uint8Array(64 * points).fill(3);
    const g2 = (points: number) => new Uint8Array(128 * points).fill(5);
    const none = { signals: new Uint32Array(), coefficients: [] };
    const r1cs = { signals: 3, publics: 1, constraints: [[none, none, none]] as const };
    const points = { ic: g1(2), a: g1(3), b1: g1(3), b2: g2(3), c: g1(1), h: g1(4) };
    const key = {
      alpha1: g1(1),
      beta1: g1(1),
      beta2: g2(1),
      gamma2: g2(1),
      delta1: g1(1),
      delta2: g2(1),
    };
    const bare = encodeZkey({ r1cs, domain: 4, ...key, ...points });
    return [bare, withContribution(bare)];
  },
  run: (input) => {
    const contributions = readContributions(readZkey(input, 'the key'));
    return `${Math.min(2, contributions.length)}`;
  },
};

/** Coordinates as a zkey holds them: times 2^256, little-endian. */
function zkeyPoint(coordinates: readonly bigint[]): Uint8Array {
  const numbers = coordinates.map((value) => littleEndian((value << 256n) % coordinatePrime));
  return new Uint8Array(Buffer.concat(numbers));
}

const g1Base = bn254.G1.Point.BASE.toAffine();
const g2Base = bn254.G2.Point.BASE.toAffine();
const generator1 = zkeyPoint([g1Base.x, g1Base.y]);
const generator2 = zkeyPoint([g2Base.x.c0, g2Base.x.c1, g2Base.y.c0, g2Base.y.c1]);

/** One contribution with a name in place of none; its section is the last. */
function withContribution(file: Uint8Array): Uint8Array {
  const name = Buffer.from('owner');
  const parameters = Buffer.concat([Buffer.from([1, name.length]), name]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(parameters.length);
  const contribution = Buffer.concat([
    ...[generator1, generator1, generator1, generator2],
    Buffer.alloc(64, 7),
    Buffer.alloc(4),
    length,
    parameters,
  ]);
  const made = Buffer.concat([file.subarray(0, -4), Buffer.from([1, 0, 0, 0]), contribution]);
  made.writeUInt32LE(64 + 4 + contribution.length, file.length - 64 - 4 - 8);
  return new Uint8Array(made);
}
