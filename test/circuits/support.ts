import { readFile } from 'node:fs/promises';

import { compileCircuit } from '../../scripts/compile-circuit.js';
import { parseR1cs } from '../../src/proof/circuits/index.js';
import { type CircuitInputs, WitnessCalculator } from '../../src/proof/proving/index.js';
import { Constraints, type Witness } from './constraints.js';
import { type SubjectName, subjects } from './templates.js';

/** Milliseconds for a `before` that compiles. */
export const compiling = 180_000;

/** A compiled circuit with the names of its signals. */
export interface Circuit {
  readonly constraints: Constraints;
  readonly publics: number;
  /** Names by number of signal, without `main.`; of signals that the compiler identified, one name. */
  readonly names: readonly string[];
  /** The numbers of all inputs, public and private. */
  readonly inputs: readonly number[];
  /** The number of a signal. Throws for one that the compiler has removed. */
  signal(name: string): number;
  has(name: string): boolean;
  /** An honest witness. Rejects with `circuit.unsatisfied` where there is none. */
  witness(inputs: CircuitInputs): Promise<Witness>;
  /** The names of the signals of each constraint that a witness violates. */
  broken(witness: Witness): string[][];
}

const compiled = new Map<string, Promise<Circuit>>();

/** Compiles a subject with the flags of every circuit, and its signals' names beside. */
export function circuit(name: SubjectName): Promise<Circuit> {
  const known = compiled.get(name);
  if (known) return known;
  const made = compile(name);
  compiled.set(name, made);
  return made;
}

async function compile(name: SubjectName): Promise<Circuit> {
  const { file, template, parameters, inputs, publics } = subjects[name];
  const source = { name: `test-${name}`, file, template, parameters, publics };
  const made = await compileCircuit(source, ['--sym']);
  const r1cs = parseR1cs(await readFile(made.r1cs));
  const calculator = await WitnessCalculator.load(await readFile(made.wasm));
  const names = await signalNames(made.r1cs);
  const numbers = new Map(names.map((label, signal) => [label, signal]));
  const constraints = new Constraints(r1cs);
  const wanted = new Set<string>(inputs);
  return {
    constraints,
    publics: r1cs.publics,
    names,
    inputs: [...names.keys()].filter((signal) => wanted.has(names[signal]!.replace(/\[.*/, ''))),
    has: (label) => numbers.has(label),
    signal: (label) => {
      const signal = numbers.get(label);
      if (signal === undefined) throw new Error(`${name} has no signal ${label}`);
      return signal;
    },
    witness: async (values) => decode(await calculator.calculate(values)),
    broken: (witness) =>
      constraints
        .broken(witness)
        .map((row) => constraints.rows[row]!.map(({ signal }) => names[signal]!)),
  };
}

/** The names in the `.sym` file beside another file of a circuit, by number of signal, without `main.`. */
export async function signalNames(beside: string): Promise<string[]> {
  const names = ['1'];
  const file = await readFile(beside.replace(/[^.]+$/, 'sym'), 'utf8');
  for (const line of file.split('\n')) {
    const [, place = '-1', , label = ''] = line.split(',');
    if (Number(place) >= 0) names[Number(place)] ??= label.replace('main.', '');
  }
  return names;
}

export function decode(bytes: Uint8Array): Witness {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: bytes.length / 32 }, (_, signal) => {
    const word = (at: number): bigint => view.getBigUint64(32 * signal + 8 * at, true);
    return word(0) | (word(1) << 64n) | (word(2) << 128n) | (word(3) << 192n);
  });
}
