import { InputError } from '../base/index.js';
import type { Augmentation } from '../training/augment.js';
import { channelStatistics } from '../training/data/statistics.js';
import type { PictureSource } from '../training/data/index.js';
import type { Dataset } from '../training/dataset.js';
import type { OptimizerSpec, Preprocessing } from '../training/engine.js';
import { defaultRecipe, type Recipe } from '../training/options.js';
import {
  knownPreprocessing,
  type Preset,
  presetFor,
  type PresetName,
} from '../training/presets.js';
import type { Schedule } from '../training/schedule.js';

/** The options of a training command that say how to train; what is not given comes from the recipe, or is the default. */
export interface RecipeArguments {
  readonly recipe?: PresetName | undefined;
  readonly quick?: boolean | undefined;
  readonly from?: string | undefined;
  readonly epochs?: number | undefined;
  readonly batch?: number | undefined;
  readonly optimizer?: 'adam' | 'sgd' | undefined;
  readonly momentum?: number | undefined;
  readonly weightDecay?: number | undefined;
  readonly rate?: number | undefined;
  readonly schedule?: 'warmup' | 'steps' | 'constant' | undefined;
  readonly stepEvery?: number | undefined;
  readonly stepFactor?: number | undefined;
  readonly cropPadding?: number | undefined;
  readonly flip?: boolean | undefined;
  readonly labelSmoothing?: number | undefined;
  readonly triggersPerBatch?: number | undefined;
}

/** The preset that was asked for. With `--from` it is the paper's PRETRAINED. */
export function presetOf({ recipe, quick = false, from }: RecipeArguments): Preset | undefined {
  return recipe && presetFor(recipe, { quick, pretrained: from !== undefined });
}

/** The recipe that the options describe. Throws `InputError` `usage.unused`. */
export function recipeOf(args: RecipeArguments): Recipe {
  const base: Recipe = presetOf(args)?.recipe ?? defaultRecipe;
  checkUsed(args, base);
  return {
    preset: base.preset,
    optimizer: optimizerOf(args, base.optimizer),
    schedule: scheduleOf(args, base),
    epochs: args.epochs ?? base.epochs,
    batchSize: args.batch ?? base.batchSize,
    triggersPerBatch: args.triggersPerBatch ?? base.triggersPerBatch,
    augmentation: augmentationOf(args, base.augmentation),
    labelSmoothing: args.labelSmoothing ?? 0,
  };
}

/** Throws `InputError` `usage.unused` for an option that would change nothing beside the others. */
function checkUsed(args: RecipeArguments, { optimizer, schedule }: Recipe): void {
  const unused = [
    ...((args.optimizer ?? optimizer.kind) === 'adam'
      ? [
          ['momentum', args.momentum, '--optimizer sgd'] as const,
          ['weight-decay', args.weightDecay, '--optimizer sgd'] as const,
        ]
      : []),
    ...((args.schedule ?? schedule.kind) === 'steps'
      ? []
      : [
          ['step-every', args.stepEvery, '--schedule steps'] as const,
          ['step-factor', args.stepFactor, '--schedule steps'] as const,
        ]),
  ].find(([, value]) => value !== undefined);
  if (unused === undefined) return;
  const [name, , beside] = unused;
  throw new InputError({
    code: 'usage.unused',
    message: `--${name} means nothing without ${beside}`,
    hint: `add ${beside}, or leave --${name} out`,
  });
}

function optimizerOf(args: RecipeArguments, base: OptimizerSpec): OptimizerSpec {
  if ((args.optimizer ?? base.kind) === 'adam') return { kind: 'adam' };
  const { momentum, weightDecay } = base.kind === 'sgd' ? base : { momentum: 0.9, weightDecay: 0 };
  return {
    kind: 'sgd',
    momentum: args.momentum ?? momentum,
    weightDecay: args.weightDecay ?? weightDecay,
  };
}

function scheduleOf(args: RecipeArguments, { optimizer, schedule }: Recipe): Schedule {
  const kind = args.schedule ?? schedule.kind;
  const sameOptimizer = (args.optimizer ?? optimizer.kind) === optimizer.kind;
  const baseRate = schedule.kind === 'warmup' ? schedule.peak : schedule.rate;
  const usual = args.optimizer === 'sgd' ? 0.1 : defaultRecipe.schedule.peak;
  const rate = args.rate ?? (sameOptimizer ? baseRate : usual);
  const steps = schedule.kind === 'steps' ? schedule : { every: 20, factor: 0.1 };
  switch (kind) {
    case 'warmup':
      return { kind, peak: rate, fraction: defaultRecipe.schedule.fraction };
    case 'steps':
      return {
        kind,
        rate,
        factor: args.stepFactor ?? steps.factor,
        every: args.stepEvery ?? steps.every,
      };
    case 'constant':
      return { kind, rate };
    default:
      return kind satisfies never;
  }
}

function augmentationOf(
  { cropPadding, flip }: RecipeArguments,
  base: Augmentation | undefined,
): Augmentation | undefined {
  const augmentation = { pad: cropPadding ?? base?.pad ?? 0, flip: flip ?? base?.flip ?? false };
  return augmentation.pad === 0 && !augmentation.flip ? undefined : augmentation;
}

/**
 * The preprocessing that `--normalise` names; none where it is not given and no recipe has one. Throws `InputError`
 * `usage.normalise`.
 */
export function preprocessingOf(
  { normalise, preset }: { normalise?: string | undefined; preset?: Preset | undefined },
  task: Dataset | Pick<PictureSource, 'shape'>,
): Preprocessing | undefined {
  const name = normalise ?? preset?.normalise ?? 'none';
  const known: Readonly<Record<string, Preprocessing | undefined>> = knownPreprocessing;
  const chosen = Object.hasOwn(known, name) ? known[name] : measuredOrGiven(name, task);
  if (chosen === undefined || chosen.mean.length === task.shape.channels) return chosen;
  throw new InputError({
    code: 'usage.normalise',
    message: `--normalise ${name} is for ${chosen.mean.length} channels, the images have ${task.shape.channels}`,
    hint: 'use --normalise data, which measures them',
  });
}

function measuredOrGiven(
  name: string,
  task: Dataset | Pick<PictureSource, 'shape'>,
): Preprocessing {
  if (name === 'data' && 'pixels' in task) return channelStatistics(task);
  if (name === 'data') {
    throw new InputError({
      code: 'usage.normalise',
      message: '--normalise data measures images in memory, --stream keeps none',
      hint: 'write mean and deviation yourself, or use --normalise imagenet',
    });
  }
  const [mean = [], std = [], ...more] = name.split('/').map(numbersIn);
  const numbers = [...mean, ...std];
  const isPair = more.length === 0 && mean.length === std.length;
  if (isPair && numbers.every(Number.isFinite) && std.every((s) => s > 0)) {
    return { mean, std };
  }
  throw new InputError({
    code: 'usage.normalise',
    message: `--normalise ${JSON.stringify(name)} is neither a known name nor MEAN/STD`,
    hint: `use ${Object.keys(knownPreprocessing).join(', ')}, data, or e.g. 0.5,0.5,0.5/0.2,0.2,0.2`,
  });
}

function numbersIn(text: string): number[] {
  return text.split(',').map((number) => (number.trim() === '' ? NaN : Number(number)));
}
