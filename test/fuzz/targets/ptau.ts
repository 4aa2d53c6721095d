import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';

import { openPtau } from '../../../src/proof/keys/ptau-file.js';
import type { FuzzTarget } from '../target.js';
import { temporaryPath } from '../temporary.js';

const prime = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
/** Bytes of the sections that a file of two powers has, by number. */
const sizes: readonly (readonly [number, number])[] = [
  [2, 64 * 3],
  [3, 128 * 2],
  [4, 64 * 2],
  [5, 64 * 2],
  [6, 128],
  [12, 64 * 7],
  [13, 128 * 3],
  [14, 64 * 3],
  [15, 64 * 3],
];

/** A powers-of-tau file: its table of sections. */
export const ptau: FuzzTarget = {
  name: 'ptau',
  seeds: () => [ptauFile(), ptauFile().slice(0, 300)],
  run: async (input) => {
    const path = temporaryPath('powers.ptau');
    writeFileSync(path, input);
    const sha512 = createHash('sha512').update(input).digest('hex');
    const { power } = await openPtau({ path, sha512 }, 2);
    return String(power);
  },
};

function ptauFile(): Uint8Array {
  const u32 = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
  const number = Buffer.from(
    Array.from({ length: 32 }, (_, i) => Number((prime >> BigInt(8 * i)) & 255n)),
  );
  const header = Buffer.concat([u32(32), number, u32(1), u32(1)]);
  const sections = [
    [1, header] as const,
    ...sizes.map(([id, size]) => [id, Buffer.alloc(size)] as const),
  ];
  const table = sections.flatMap(([id, body]) => [u32(id, body.length, 0), body]);
  return new Uint8Array(Buffer.concat([Buffer.from('ptau'), u32(1, sections.length), ...table]));
}
