import { fieldOrder } from '../../../src/crypto/index.js';
import { type Combination, parseR1cs } from '../../../src/proof/circuits/r1cs.js';
import type { FuzzTarget } from '../target.js';

/** circom's r1cs file. */
export const r1cs: FuzzTarget = {
  name: 'r1cs',
  seeds: () => [r1csFile([]), r1csFile([[term(1, 1n), term(2, 3n), term(0, 9n)]])],
  run: (input) => {
    const { constraints, signals, publics } = parseR1cs(input);
    return `${constraints.length > 0} ${signals > publics}`;
  },
};

type Row = readonly [Combination, Combination, Combination];

const term = (signal: number, coefficient: bigint): Combination => ({
  signals: Uint32Array.of(signal),
  coefficients: [coefficient],
});

/** The format of iden3/r1csfile, version 1, with three signals. */
function r1csFile(rows: readonly Row[]): Uint8Array {
  const u32 = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
  const number = (value: bigint) =>
    Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
  const section = (id: number, parts: readonly Uint8Array[]) => {
    const body = Buffer.concat(parts);
    return [u32(id), u32(body.length), u32(0), body];
  };
  const header = [
    u32(32),
    number(fieldOrder),
    u32(3),
    u32(0),
    u32(1),
    u32(1),
    u32(3),
    u32(0),
    u32(rows.length),
  ];
  const body = rows
    .flat()
    .flatMap(({ signals, coefficients }) => [
      u32(signals.length),
      ...coefficients.flatMap((value, i) => [u32(signals[i] ?? 0), number(value)]),
    ]);
  const start = [Buffer.from('r1cs'), u32(1), u32(2)];
  return new Uint8Array(Buffer.concat([...start, ...section(1, header), ...section(2, body)]));
}
