import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { buildFolder, compileCircuit } from '../../scripts/compile-circuit.js';
import { type CircuitInputs, WitnessCalculator } from '../../src/proof/proving/index.js';
import { mod, type Witness } from './constraints.js';
import { circuit, decode, signalNames } from './support.js';
import { type SubjectName, subjects } from './templates.js';

type Cheat = (inputs: CircuitInputs) => Promise<Witness>;

const made = new Map<string, Promise<Cheat>>();

/**
 * What a cheating prover runs: the circuit's own program with every `===` left out, so that it computes all signals from
 * any inputs. The result has the order of the true circuit's signals. Inputs may be negative.
 */
export function unchecked(name: SubjectName): Promise<Cheat> {
  const known = made.get(name);
  if (known) return known;
  const cheat = compile(name);
  made.set(name, cheat);
  return cheat;
}

async function compile(name: SubjectName): Promise<Cheat> {
  await strip();
  const { file, template, parameters, publics } = subjects[name];
  const source = { template, parameters, publics, name: `unchecked-${name}` };
  const path = `build/unchecked/${file}`;
  // Without simplification no signal is missing.
  const { wasm } = await compileCircuit({ ...source, file: path }, ['--O0', '--sym']);
  const calculator = await WitnessCalculator.load(await readFile(wasm));
  const place = new Map((await signalNames(wasm)).map((label, signal) => [label, signal]));
  const { names } = await circuit(name);
  return async (inputs) => {
    const reduced = Object.entries(inputs).map(([input, value]) => [
      input,
      typeof value === 'bigint' ? mod(value) : value.map(mod),
    ]);
    const all = decode(await calculator.calculate(Object.fromEntries(reduced) as CircuitInputs));
    return names.map((label) => all[place.get(label)!]!);
  };
}

/** Copies all circuits without their assertions. */
async function strip(): Promise<void> {
  const circuits = join(buildFolder, '..');
  for (const folder of ['.', 'templates']) {
    const target = join(buildFolder, 'unchecked', folder);
    await mkdir(target, { recursive: true });
    for (const file of await readdir(join(circuits, folder))) {
      if (!file.endsWith('.circom')) continue;
      const text = await readFile(join(circuits, folder, file), 'utf8');
      const stripped = text
        .replace(/^[^/\n]*===[^;\n]*;$/gm, '')
        .replaceAll('../../node_modules', '../../../../node_modules');
      if (/^[^/*]*===/m.test(stripped)) throw new Error(`${file} keeps an assertion`);
      await writeFile(join(target, file), stripped);
    }
  }
}
