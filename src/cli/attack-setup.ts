import { join } from 'node:path';

import {
  type AttackRecord,
  type Candidate,
  type Experiment,
  readRecord,
} from '../attacks/index.js';
import { bytesToHex, canonicalJson, formatShape, InputError, printable } from '../base/index.js';
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

/** All of an experiment but the attack: read once, whatever number of attacks follows. */
export type Setting = Omit<Experiment, 'attack' | 'options' | 'onProgress'>;

/** Reads model, claim and data of the arguments and checks that they fit. Throws what reading them throws, `InputError` `usage.*`. */
export async function settingOf(args: AttackArguments, signal: AbortSignal): Promise<Setting> {
  checkWorkers(args);
  checkSeed(args.seed);
  const paths = claimPaths(args);
  const policy = await readPolicy(args.policy);
  const commitment = await readCommitment(paths.commitment);
  const triggers = HiddenTriggers.of(await readMark(paths.mark, commitment, args), commitment);
  const shape = optionalShape(args.shape) ?? triggers.shape;
  const load = (name: string, split: 'train' | 'test') =>
    loadImages(name, { split, shape, fit: args.fit });
  const model = await loadModelFolder(args.model, { backend: args.backend });
  try {
    checkModelFits(model, {
      what: 'the claim',
      shape: triggers.shape,
      classes: triggers.classNames.length,
    });
    const test = await load(args.data, 'test');
    checkModelFits(model, { what: 'the data', shape: test.shape, classes: test.classNames.length });
    const task = part(await load(args.data, 'train'), args.dataPart);
    const recipe = model.manifest?.recipe;
    return {
      stolen: { spec: model.spec, weights: await model.weights() },
      model: model.digest,
      task,
      data: args.dataPart === 1 ? args.data : `${args.data}, ${args.dataPart} of it`,
      readData: async (name) => ({
        task: await load(name, 'train'),
        test: await load(name, 'test'),
      }),
      augmentation: recipe && augmentationFromText(recipe.augmentation),
      yardstick: { test, commitment, triggers, policy },
      seed: args.seed,
      machine: { backend: args.backend, workers: args.workers },
      signal,
    };
  } finally {
    model.dispose();
  }
}

/** What writes an attack's models into its folder, one after another. */
export function modelWriter(folder: string): (candidate: Candidate) => Promise<void> {
  let saved = 0;
  return async ({ classifier, label, transform }) => {
    // The model behind changed inputs is the stolen one.
    if (transform) return;
    const target = join(folder, `model-${++saved}`);
    await saveNetwork(target, classifier);
    const { shape, classes } = classifier.spec;
    note(`wrote ${target}/ (${label}; ${formatShape(shape)}, ${classes} classes)`);
  };
}

/** The record of this very experiment, if it is there. Throws `InputError` `attack.other-record` for one of another. */
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

/** The names of training runs go behind the seed. Throws `InputError` `usage.seed`. */
export function checkSeed(seed: string): void {
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
  const isPart = share > 0 && share <= 1;
  throw new InputError({
    code: 'usage.number',
    message: `--data-part is ${share}, ${isPart ? `which is less than one of ${total} images` : 'not above 0 and at most 1'}`,
    hint: 'write e.g. --data-part 0.2',
  });
}
