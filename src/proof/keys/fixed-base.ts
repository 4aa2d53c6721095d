import { buildBn128, type Curve } from 'ffjavascript';

export type Group = 'g1' | 'g2';

/** Bytes of an affine point: two coordinates in Montgomery form, little-endian, as zkey files hold them. */
export const pointBytes = { g1: 64, g2: 128 } as const;

export interface FixedBaseTask {
  readonly group: Group;
  /** 32 little-endian bytes each, canonical. */
  readonly scalars: Uint8Array;
}

const windowBits = 12;
const windows = Math.ceil(254 / windowBits);
const perWindow = 2 ** windowBits;
const pageBytes = 65_536;

const tables: Partial<Record<Group, Promise<FixedBase>>> = {};

/**
 * Each scalar times the group's generator, in affine form, zero as 0 bytes. A table of the multiples of the generator in
 * each window of 12 bits is made once, then a product is 22 additions.
 */
export async function multiplyGenerators({ group, scalars }: FixedBaseTask): Promise<Uint8Array> {
  tables[group] ??= buildBn128(true).then((curve) => new FixedBase(group, curve));
  return (await tables[group]).multiply(scalars);
}

type Operation = (...places: number[]) => void;

/** ffjavascript's WebAssembly in a memory of its own: that code's constants, our table, our work, that code's scratch. */
class FixedBase {
  readonly #memory: WebAssembly.Memory;
  readonly #run: (name: string) => Operation;
  readonly #affine: number;
  readonly #jacobian: number;
  readonly #table: number;
  readonly #work: number;

  constructor(group: Group, { tm }: Curve) {
    this.#affine = pointBytes[group];
    this.#jacobian = 1.5 * this.#affine;
    this.#table = Math.ceil(tm.initalPFree / pageBytes) * pageBytes;
    this.#work = this.#table + windows * perWindow * this.#affine;
    const scratch = this.#work + chunk * (this.#jacobian + this.#affine);
    const pages = Math.ceil((scratch + chunk * this.#jacobian) / pageBytes) + 1;
    this.#memory = new WebAssembly.Memory({ initial: pages });
    const module = new WebAssembly.Module(tm.code);
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    // The first word says where free memory begins; batchToAffine puts one coordinate of each point there.
    new Uint32Array(this.#memory.buffer)[0] = scratch;
    this.#run = (name) => exports[`${group}m_${name}`] as Operation;
    this.#fillTable(group === 'g1' ? tm.pG1gen : tm.pG2gen);
  }

  /** Entry (w, d) of the table is d · 2^(12w) times the generator. */
  #fillTable(generator: number): void {
    const [add, zero, copy] = ['add', 'zero', 'copy'].map((name) => this.#run(name));
    const toAffine = this.#run('batchToAffine');
    const power = this.#work;
    const sums = power + this.#jacobian;
    copy?.(generator, power);
    for (let window = 0; window < windows; window++) {
      zero?.(sums);
      for (let digit = 1; digit < perWindow; digit++) {
        const at = sums + digit * this.#jacobian;
        add?.(at - this.#jacobian, power, at);
      }
      add?.(sums + (perWindow - 1) * this.#jacobian, power, power);
      toAffine(sums, perWindow, this.#table + window * perWindow * this.#affine);
    }
  }

  multiply(scalars: Uint8Array): Uint8Array {
    const add = this.#run('addMixed');
    const zero = this.#run('zero');
    const toAffine = this.#run('batchToAffine');
    const count = scalars.length / 32;
    const points = new Uint8Array(count * this.#affine);
    const out = this.#work + chunk * this.#jacobian;
    for (let start = 0; start < count; start += chunk) {
      const length = Math.min(chunk, count - start);
      for (let i = 0; i < length; i++) {
        const sum = this.#work + i * this.#jacobian;
        zero(sum);
        for (let window = 0; window < windows; window++) {
          const digit = digitOf(scalars, 32 * (start + i), window);
          if (digit === 0) continue;
          add(sum, this.#table + (window * perWindow + digit) * this.#affine, sum);
        }
      }
      toAffine(this.#work, length, out);
      const made = new Uint8Array(this.#memory.buffer, out, length * this.#affine);
      points.set(made, start * this.#affine);
    }
    return points;
  }
}

/** Points in work at a time; at least one window of the table and two more. */
const chunk = perWindow + 2;

/** Bits [12w, 12w + 12) of the 32-byte little-endian number at a place. */
function digitOf(scalars: Uint8Array, place: number, window: number): number {
  const bit = windowBits * window;
  const at = place + (bit >> 3);
  const low = (scalars[at] ?? 0) | ((bit >> 3) + 1 < 32 ? (scalars[at + 1] ?? 0) << 8 : 0);
  return (low >> (bit & 7)) & (perWindow - 1);
}
