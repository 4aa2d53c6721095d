import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  attacks,
  type AttackRecord,
  checkedOptions,
  type Claim,
  claimOf,
  type Classifier,
  type Measurement,
  measure,
  readRecord,
  runExperiment,
  writeRecord,
} from '../../src/attacks/index.js';
import { SeededStream } from '../../src/crypto/index.js';
import { writeFileAtomic } from '../../src/files/index.js';
import { defaultPolicy } from '../../src/protocol/index.js';
import {
  createEngine,
  type Dataset,
  loadModelFolder,
  type Machine,
  type ModelSpec,
  saveNetwork,
  train,
} from '../../src/training/index.js';
import type { Budget, ModelKind } from './plan.js';

/** Everything that all runs share. */
export interface Laboratory {
  readonly budget: Budget;
  readonly task: Dataset;
  readonly test: Dataset;
  readonly machine: Machine;
  /** Where results are kept, a file a run: what is there is not done again. */
  readonly results: string;
  /** Where models are kept while they are needed. */
  readonly models: string;
  readonly readData: (name: string) => Promise<{ task: Dataset; test: Dataset }>;
  readonly transferTo: string | undefined;
  readonly say: (text: string) => void;
}

/** A trained model and how it does. */
export interface ModelResult {
  readonly kind: ModelKind;
  readonly seed: string;
  readonly backend: string;
  readonly seconds: number;
  readonly measurement: Measurement;
  /** Correct answers after each epoch. */
  readonly epochs: readonly { readonly test: number; readonly triggers: number }[];
}

/** The claim of a seed; what anyone gets who runs this again. */
export function claimFor({ budget, task }: Laboratory, seed: string): Claim {
  return claimOf(task, new SeededStream('veilmark/results/1', [budget.name, seed]));
}

/** Trains a model, or reads what came of it. */
export async function modelResult(
  lab: Laboratory,
  { kind, seed }: { kind: ModelKind; seed: string },
): Promise<ModelResult> {
  const path = join(lab.results, `model-${kind}-${seed}.json`);
  const folder = modelFolder(lab, { kind, seed });
  if (existsSync(path) && existsSync(folder)) return parsed(path);
  const { budget, task, test, machine, say } = lab;
  say(`${kind}, seed ${seed}`);
  const started = performance.now();
  const claim = claimFor(lab, seed);
  const isMarked = kind !== 'unmarked';
  const recipe = kind === 'pretrained' ? budget.pretrained : budget.recipe;
  const options = { ...recipe, spec: specOf(budget, task), seed: `${kind} ${seed}` };
  const base = kind === 'pretrained' ? await readModel(lab, { kind: 'unmarked', seed }) : undefined;
  const epochs: ModelResult['epochs'][number][] = [];
  const engine = await createEngine(options, machine);
  try {
    const { state } = await train({
      engine,
      ...(base && { base: base.weights }),
      task,
      test,
      ...(isMarked ? { triggers: claim.triggers } : { watched: claim.triggers }),
      options,
      onProgress: (progress) => {
        if (progress.kind !== 'epoch') return;
        epochs.push({ test: progress.test.correct, triggers: progress.triggers?.correct ?? 0 });
        say(`  epoch ${progress.epoch}: test ${progress.test.correct}/${progress.test.total}`);
      },
    });
    const classifier = { spec: options.spec, weights: state.weights };
    const measurement = await measure(engine, {
      test,
      policy: defaultPolicy,
      classes: options.spec.classes,
      ...claim,
    });
    if (!existsSync(folder)) await saveNetwork(folder, classifier);
    const seconds = Math.round((performance.now() - started) / 1000);
    const result = { kind, seed, backend: engine.description, seconds, measurement, epochs };
    await writeFileAtomic(path, `${JSON.stringify(result, undefined, 1)}\n`);
    return result;
  } finally {
    await engine.close();
  }
}

/** Attacks a marked model, or reads the record. */
export async function attackResult(
  lab: Laboratory,
  { name, kind, seed }: { name: string; kind: ModelKind; seed: string },
): Promise<AttackRecord> {
  const path = join(lab.results, `${name}-${kind}-${seed}.json`);
  if (existsSync(path)) return readRecord(path);
  const attack = attacks.find((each) => each.name === name);
  if (attack === undefined) throw new RangeError(`there is no attack ${name}`);
  lab.say(`${name} on ${kind}, seed ${seed}`);
  const given = name === 'transfer' ? { to: lab.transferTo ?? '' } : {};
  const record = await runExperiment({
    attack,
    options: checkedOptions(attack, given),
    stolen: await readModel(lab, { kind, seed }),
    model: await digestOf(lab, { kind, seed }),
    task: lab.task,
    data: lab.budget.title,
    readData: lab.readData,
    augmentation: lab.budget.recipe.augmentation,
    yardstick: { test: lab.test, policy: defaultPolicy, ...claimFor(lab, seed) },
    seed,
    machine: lab.machine,
  });
  await writeRecord(path, record);
  return record;
}

interface Name {
  readonly kind: ModelKind;
  readonly seed: string;
}

function modelFolder({ models, budget }: Laboratory, { kind, seed }: Name): string {
  return join(models, `${budget.name}-${kind}-${seed}`);
}

async function readModel(lab: Laboratory, name: Name): Promise<Classifier> {
  const { preprocessing } = lab.budget;
  const model = await loadModelFolder(modelFolder(lab, name), {
    backend: lab.machine.backend,
    preprocessing,
  });
  try {
    // The folder says nothing of an architecture's name; these are ours.
    return { spec: specOf(lab.budget, lab.task), weights: await model.weights() };
  } finally {
    model.dispose();
  }
}

async function digestOf(lab: Laboratory, name: Name): Promise<string> {
  const model = await loadModelFolder(modelFolder(lab, name), { backend: lab.machine.backend });
  model.dispose();
  return model.digest;
}

function specOf(
  { architecture, preprocessing }: Budget,
  { shape, classNames }: Dataset,
): ModelSpec {
  const plain = {
    mean: new Array<number>(shape.channels).fill(0),
    std: new Array<number>(shape.channels).fill(1),
  };
  return { architecture, shape, classes: classNames.length, preprocessing: preprocessing ?? plain };
}

async function parsed(path: string): Promise<ModelResult> {
  return JSON.parse(await readFile(path, 'utf8')) as ModelResult;
}
