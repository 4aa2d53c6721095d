import { InputError } from '../../base/index.js';
import { fieldOrder } from '../../crypto/index.js';

/** A linear combination: signals' numbers and their coefficients. Signal 0 is the constant 1. */
export interface Combination {
  readonly signals: Uint32Array;
  readonly coefficients: readonly bigint[];
}

/** A rank-1 constraint over the signals: a · b = c. */
export type Constraint = readonly [a: Combination, b: Combination, c: Combination];

export interface R1cs {
  /** Signals, the constant included: the constant, public outputs, public inputs, private signals. */
  readonly signals: number;
  /** Public signals, the constant not included. */
  readonly publics: number;
  readonly constraints: readonly Constraint[];
}

/**
 * Reads circom's r1cs file (iden3/r1csfile, version 1) over the BN254 scalar field. Throws `InputError` `circuit.r1cs`.
 */
export function parseR1cs(bytes: Uint8Array): R1cs {
  try {
    return parse(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError({
      code: 'circuit.r1cs',
      message: `this is no r1cs file of a circuit: ${reason}`,
      hint: 'compile the circuits again: npm run circuits',
      cause,
    });
  }
}

function parse(bytes: Uint8Array): R1cs {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (at: number): number => view.getUint32(at, true);
  if (u32(0) !== 0x73633172 || u32(4) !== 1) throw new Error('wrong magic or version');
  const sections = new Map<number, { start: number; end: number }>();
  for (let i = 0, at = 12; i < u32(8); i++) {
    const start = at + 12;
    const end = start + Number(view.getBigUint64(at + 4, true));
    if (end > bytes.length) throw new Error('it is cut off');
    sections.set(u32(at), { start, end });
    at = end;
  }
  const header = sections.get(1);
  const body = sections.get(2);
  if (!header || !body) throw new Error('a section is missing');
  const number = (at: number): bigint => {
    let value = 0n;
    for (let word = 3; word >= 0; word--) {
      value = (value << 64n) | view.getBigUint64(at + 8 * word, true);
    }
    return value;
  };
  if (u32(header.start) !== 32 || number(header.start + 4) !== fieldOrder) {
    throw new Error('it is over another field');
  }
  const at = header.start + 36;
  const [signals, outputs, inputs] = [u32(at), u32(at + 4), u32(at + 8)];
  const count = u32(at + 24);

  let place = body.start;
  const combination = (): Combination => {
    const length = u32(place);
    place += 4;
    const numbers = new Uint32Array(length);
    const coefficients: bigint[] = [];
    for (let i = 0; i < length; i++, place += 36) {
      numbers[i] = u32(place);
      coefficients.push(number(place + 4));
    }
    if (numbers.some((signal) => signal >= signals)) throw new Error('it names no such signal');
    return { signals: numbers, coefficients };
  };
  const constraints: Constraint[] = [];
  for (let i = 0; i < count; i++) {
    constraints.push([combination(), combination(), combination()]);
  }
  if (place !== body.end) throw new Error('its constraints have another length');
  return { signals, publics: outputs + inputs, constraints };
}

/** The smallest domain of a power of two that holds the constraints and a row for each public signal and the constant. */
export function domainSize({ constraints, publics }: R1cs): number {
  let size = 1;
  while (size < constraints.length + publics + 1) size *= 2;
  return size;
}
