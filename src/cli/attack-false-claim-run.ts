import { basename, resolve } from 'node:path';

import { type Classifier, type FalseClaim, playFalseClaims, untrained } from '../attacks/index.js';
import { InputError } from '../base/index.js';
import { defaultCounts } from '../commitment/index.js';
import {
  checkModelFits,
  createEngine,
  type Dataset,
  defaultRecipe,
  loadModelFolder,
  type Machine,
  selectImages,
  train,
} from '../training/index.js';
import type { DatasetOptions } from '../training/data/index.js';
import { loadImages } from './images.js';
import { readPolicy } from './policy-file.js';
import { Progress } from './progress.js';
import { optionalShape, specFor } from './train-options.js';

/** Networks that the claimant and the judge train, in turn. */
const networks = ['cnn-small', 'cnn-medium', 'mlp', 'lenet5'] as const;

/** What a false claim is played with, checked. */
export interface FalseClaimArguments extends Machine {
  readonly data: string;
  readonly shape?: string | undefined;
  readonly fit: DatasetOptions['fit'];
  readonly suspect?: string | undefined;
  readonly ensemble: number;
  readonly nulls: number;
  readonly epochs: number;
  readonly radius: number;
  readonly steps: number;
  readonly seed: string;
  readonly policy?: string | undefined;
}

/** Reads, trains and plays. Throws `InputError` `usage.images` for too few images, and what those steps throw. */
export async function falseClaims(
  args: FalseClaimArguments,
  signal: AbortSignal,
): Promise<FalseClaim[]> {
  const policy = await readPolicy(args.policy);
  const shape = optionalShape(args.shape);
  const load = (split: 'train' | 'test') => loadImages(args.data, { split, shape, fit: args.fit });
  const [all, test] = [await load('train'), await load('test')];
  // The claimant has one half of the images, everybody else the other.
  const [claimants, others] = [half(all, 0), half(all, 1)];
  checkEnough(claimants);
  const given =
    args.suspect === undefined ? undefined : await readSuspect(args.suspect, args.backend, all);
  const network = (i: number): string => networks[i % networks.length] ?? 'cnn-small';
  // One that cannot take such images says so now.
  for (let i = 0; i < Math.min(networks.length, Math.max(args.ensemble, args.nulls)); i++) {
    await untrained(specFor(network(i), all), args.seed);
  }
  const total = args.ensemble + args.nulls + (given ? 0 : 1);
  const bar = new Progress('training models');
  let done = 0;
  const trained = async (who: string, architecture: string, task: Dataset) => {
    const name = `${who} ${architecture}`;
    const seed = `${args.seed}/${who}`;
    const { epochs } = args;
    const setting = { architecture, task, test, machine: args, epochs, seed, signal };
    const classifier = await trainFresh(setting);
    bar.update(++done, total, name);
    return { name, classifier };
  };
  const ensemble: Classifier[] = [];
  for (let i = 0; i < args.ensemble; i++) {
    ensemble.push((await trained(`claimant ${i + 1}`, network(i), claimants)).classifier);
  }
  const nullModels: { name: string; classifier: Classifier }[] = [];
  for (let i = 0; i < args.nulls; i++) {
    nullModels.push(await trained(`null ${i + 1}`, network(i), others));
  }
  const suspect = given ?? (await trained('suspect', 'cnn-small', others));
  bar.end();
  const crafting = new Progress('false claims');
  const claims = await playFalseClaims({
    ensemble,
    images: claimants,
    suspect,
    nullModels,
    test,
    policy,
    seed: args.seed,
    machine: args,
    radius: args.radius,
    steps: args.steps,
    signal,
    onProgress: (step, steps, what) => {
      crafting.update(step, steps, what);
    },
  });
  crafting.end();
  return claims;
}

/** A claim has as many pairs as ever. Throws `InputError` `usage.images`. */
function checkEnough({ labels }: Dataset): void {
  const wanted = defaultCounts.hidden + defaultCounts.audited;
  if (labels.length >= wanted) return;
  throw new InputError({
    code: 'usage.images',
    message: `the claimant has ${labels.length} images, half of the training images, and a claim takes ${wanted}`,
    hint: 'name a larger data set',
  });
}

/** Every second image. */
function half(dataset: Dataset, first: 0 | 1): Dataset {
  const indices = [...dataset.labels.keys()].filter((index) => index % 2 === first);
  return selectImages(dataset, indices);
}

async function trainFresh({
  architecture,
  task,
  test,
  machine,
  epochs,
  seed,
  signal,
}: {
  architecture: string;
  task: Dataset;
  test: Dataset;
  machine: Machine;
  epochs: number;
  seed: string;
  signal: AbortSignal;
}): Promise<Classifier> {
  const spec = specFor(architecture, task);
  const options = { ...defaultRecipe, epochs, spec, seed };
  const engine = await createEngine(options, machine);
  try {
    const { state } = await train({ engine, task, test, options, signal });
    return { spec, weights: state.weights };
  } finally {
    await engine.close();
  }
}

/** Throws what reading it throws, and `InputError` `model.*` for a model of another task. */
async function readSuspect(
  folder: string,
  backend: Machine['backend'],
  { shape, classNames }: Dataset,
): Promise<{ name: string; classifier: Classifier }> {
  const model = await loadModelFolder(folder, { backend });
  try {
    checkModelFits(model, { what: 'the data', shape, classes: classNames.length });
    const name = basename(resolve(folder)).slice(0, 200);
    return { name, classifier: { spec: model.spec, weights: await model.weights() } };
  } finally {
    model.dispose();
  }
}
