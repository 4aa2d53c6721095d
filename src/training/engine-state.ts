import { InputError } from '../base/index.js';
import type { EngineState, NamedArray } from './engine.js';

/** What a state must hold under a name. */
export type Slot = Pick<NamedArray, 'name' | 'shape'>;

/**
 * Checks that a state is one of this network under this optimiser, before anything of it is used. Throws `InputError`
 * `engine.state`, naming the first entry that does not fit.
 */
export function checkState(
  state: EngineState,
  expected: { weights: readonly Slot[]; optimizer: readonly Slot[] },
): void {
  checkEntries('weight', state.weights, expected.weights);
  checkEntries('optimiser entry', state.optimizer, expected.optimizer);
}

/** The data of an entry that `checkState` has found. */
export function dataOf(entries: readonly NamedArray[], name: string): Float32Array {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new RangeError(`the state has no ${name}`);
  return entry.data;
}

function checkEntries(what: string, entries: readonly NamedArray[], slots: readonly Slot[]): void {
  for (const { name, shape } of slots) {
    const entry = entries.find((candidate) => candidate.name === name);
    const size = shape.reduce((product, side) => product * side, 1);
    if (entry?.shape.join() !== shape.join() || entry.data.length !== size) {
      throw new InputError({
        code: 'engine.state',
        message: `${what} ${name} should have shape ${shape.join('x')}, got ${entry?.shape.join('x') ?? 'none'}`,
        hint: 'the state belongs to another network or optimiser',
      });
    }
  }
  if (entries.length !== slots.length) {
    throw new InputError({
      code: 'engine.state',
      message: `the state has ${entries.length} entries of kind ${what}, expected ${slots.length}`,
      hint: 'the state belongs to another network or optimiser',
    });
  }
}
