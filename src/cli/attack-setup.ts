import { join } from 'node:path';

import {
  type Attack,
  type AttackOptions,
  type AttackRecord,
  type Candidate,
  type Experiment,
  readRecord,
} from '../attacks/index.js';
import { bytesToHex, canonicalJson, InputError, printable } from '../base/index.js';
import { HiddenTriggers } from '../commitment/index.js';
import {
  augmentationFromText,
  checkModelFits,
  type Dataset,
  loadModelFolder,
  saveNetwork,
  selectImages,
} from '../training/index.js';
import type { AttackArguments } from './attack-options.js';
import { claimPaths, readCommitment } from './claim-folder.js';
import { loadImages } from './images.js';
import { readPolicy } from './policy-file.js';
import { readMark } from './secret-files.js';
import { note } from './terminal.js';
import { checkWorkers, optionalShape } from './train-options.js';

/** An attack on the model of the arguments, what keeps its models, and what ends it. Ctrl-C stops after the current step. */
export async function experimentOf({
  attack,
  options,
  args,
  folder,
}: {
  attack: Attack;
  options: AttackOptions;
  args: AttackArguments;
  folder: string;
}): Promise<{
  experiment: Experiment;
  save: (candidate: Candidate) => Promise<void>;
  close: () => void;
}> {
  checkWorkers(args);
  checkSeed(args.seed);
  const paths = claimPaths(args);
  const commitment = await readCommitment(paths.commitment);
  const triggers = HiddenTriggers.of(await readMark(paths.mark, commitment, args), commitment);
  const shape = optionalShape(args.shape) ?? triggers.shape;
  const load = (name: string, split: 'train' | 'test') =>
    loadImages(name, { split, shape, fit: args.fit });
  const model = await loadModelFolder(args.model, { backend: args.backend });
  const stop = new AbortController();
  const onSignal = (): void => {
    stop.abort();
  };
  try {
    const { shape: own, classes } = model.spec;
    checkModelFits(model, {
      what: 'the claim',
      shape: triggers.shape,
      classes: triggers.classNames.length,
    });
    const test = await load(args.data, 'test');
    checkModelFits(model, { what: 'the data', shape: test.shape, classes: test.classNames.length });
    const task = part(await load(args.data, 'train'), args.dataPart);
    const recipe = model.manifest?.recipe;
    process.once('SIGINT', onSignal);
    process.once('SIGTERM', onSignal);
    const experiment: Experiment = {
      attack,
      options,
      stolen: { spec: model.spec, weights: await model.weights() },
      model: model.digest,
      task,
      data: args.dataPart === 1 ? args.data : `${args.data}, ${args.dataPart} of it`,
      readData: async (name) => ({
        task: await load(name, 'train'),
        test: await load(name, 'test'),
      }),
      augmentation: recipe && augmentationFromText(recipe.augmentation),
      yardstick: { test, commitment, triggers, policy: await readPolicy(args.policy) },
      seed: args.seed,
      machine: { backend: args.backend, workers: args.workers },
      signal: stop.signal,
    };
    let saved = 0;
    const save = async ({ classifier, label, transform }: Candidate): Promise<void> => {
      if (!args.save || transform) return;
      const target = join(folder, `model-${++saved}`);
      await saveNetwork(target, classifier);
      note(`wrote ${target}/ (${label}; ${own.height}x${own.width}, ${classes} classes)`);
    };
    const close = (): void => {
      process.removeListener('SIGINT', onSignal);
      process.removeListener('SIGTERM', onSignal);
    };
    return { experiment, save, close };
  } finally {
    model.dispose();
  }
}

/** The record of this very experiment, if it is there. Throws `InputError` `attack.record` for one of another. */
export async function keptRecord(
  path: string,
  { attack, options, model, yardstick, seed, data }: Experiment,
): Promise<AttackRecord | undefined> {
  let record: AttackRecord;
  try {
    record = await readRecord(path);
  } catch (error) {
    if (error instanceof InputError && error.code === 'file.missing') return undefined;
    throw error;
  }
  const texts = Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, `${value}`]),
  );
  const wanted = {
    ...{ attack: attack.name, options: texts, model, seed, data },
    commitment: bytesToHex(yardstick.commitment.digest),
  };
  const found = (Object.keys(wanted) as (keyof typeof wanted)[]).filter(
    (key) => canonicalJson(record[key]) !== canonicalJson(wanted[key]),
  );
  if (found.length === 0) return record;
  throw new InputError({
    code: 'attack.other-record',
    message: `${path} is of another experiment: it differs in ${found.join(', ')}`,
    hint: 'name another folder, or delete that record',
  });
}

/** The names of an attack's training runs go behind the seed. Throws `InputError` `usage.seed`. */
function checkSeed(seed: string): void {
  if (seed.length <= 100 && new RegExp(printable).test(seed)) return;
  throw new InputError({
    code: 'usage.seed',
    message: '--seed has more than 100 characters, or some that cannot be printed',
    hint: 'a short word or number does',
  });
}

/** A part of a data set, at even distances: whatever its order, the classes keep their shares. */
function part(dataset: Dataset, share: number): Dataset {
  const total = dataset.labels.length;
  const count = Math.floor(total * share);
  if (share > 0 && share <= 1 && count > 0) {
    const indices = Array.from({ length: count }, (_, i) => Math.floor((i * total) / count));
    return share === 1 ? dataset : selectImages(dataset, indices);
  }
  throw new InputError({
    code: 'usage.number',
    message: `--data-part is ${share}, not above 0 and at most 1`,
    hint: 'write e.g. --data-part 0.2',
  });
}
