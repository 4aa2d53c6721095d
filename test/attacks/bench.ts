import {
  type Attack,
  type AttackOptions,
  type AttackRecord,
  attacks,
  type Candidate,
  checkedOptions,
  type Classifier,
  type Experiment,
  parseRecord,
  encodeRecord,
  runExperiment,
} from '../../src/attacks/index.js';
import { defaultPolicy } from '../../src/protocol/index.js';
import { createEngine, type Machine, type ModelSpec, train } from '../../src/training/index.js';
import { claim, dataset, options, spec } from '../training/fixtures.js';

export const machine: Machine = { backend: 'wasm', workers: 1 };
/** Under which four matches of four prove a claim. */
export const policy = { ...defaultPolicy, alphaBits: 5, grindingBits: 0, suspectBits: 0 };
export const task = dataset(80, 'thief');
export const test = dataset(40, 'test');

const made = new Map<string, Promise<Classifier>>();

/** A model that has learnt task and triggers by heart; each is trained once. */
export function marked(of: ModelSpec = spec): Promise<Classifier> {
  const model = made.get(of.architecture) ?? embed(of);
  made.set(of.architecture, model);
  return model;
}

async function embed(of: ModelSpec): Promise<Classifier> {
  const all = { ...options, spec: of, epochs: 12 };
  const engine = await createEngine(all, machine);
  try {
    const { triggers } = claim();
    const own = dataset(120, 'owner');
    const { state } = await train({ engine, task: own, test, triggers, options: all });
    return { spec: of, weights: state.weights };
  } finally {
    await engine.close();
  }
}

export function attackNamed(name: string): Attack {
  const attack = attacks.find((each) => each.name === name);
  if (attack === undefined) throw new RangeError(`no attack ${name}`);
  return attack;
}

/** Runs an attack by name as the command does; the record has been written and read once. */
export async function attacked(
  name: string,
  given: AttackOptions = {},
  changes: Partial<Experiment> = {},
): Promise<{ record: AttackRecord; candidates: Candidate[] }> {
  const attack = attackNamed(name);
  const candidates: Candidate[] = [];
  const record = await runExperiment(
    {
      attack,
      options: checkedOptions(attack, given),
      stolen: await marked(),
      model: 'ab'.repeat(32),
      task,
      data: 'test images',
      readData: () => Promise.reject(new Error('no other data')),
      yardstick: { test, ...claim(), policy },
      seed: 's',
      machine,
      ...changes,
    },
    (candidate) => {
      candidates.push(candidate);
      return Promise.resolve();
    },
  );
  return { record: parseRecord(encodeRecord(record)), candidates };
}

/** A weight of a classifier by its name. */
export function weight({ weights }: Classifier, name: string): Float32Array {
  const found = weights.find((each) => each.name === name);
  if (found === undefined) throw new RangeError(`no weight ${name}`);
  return found.data;
}
