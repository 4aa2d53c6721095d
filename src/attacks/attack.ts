import { InputError } from '../base/index.js';
import type { Commitment, HiddenTriggers } from '../commitment/index.js';
import type { SeededStream } from '../crypto/index.js';
import type { Dataset, Machine, MixedBatch, Recipe, Trainable } from '../training/index.js';
import type { Classifier } from './classifier.js';

/** A model that an attack ends with. */
export interface Candidate {
  /** For a person: what was done. */
  readonly label: string;
  /** Place on the attack's axis. */
  readonly value?: number;
  readonly classifier: Classifier;
  /** What the thief's server does to each image before the model sees it. */
  readonly transform?: InputTransform;
  /** The other task on which the model is measured, after a transfer. */
  readonly otherTask?: { readonly name: string; readonly test: Dataset };
}

/** Changes `count` images of bytes, one after another; gives new ones. */
export type InputTransform = (pixels: Uint8Array, count: number) => Promise<Uint8Array>;

/** A number or a text that a user can set. */
export interface AttackOption {
  readonly describe: string;
  readonly default: number | string;
}

export type AttackOptions = Readonly<Record<string, number | string>>;

/** One way to lose a mark. It sees the stolen model and the thief's data, and nothing of the owner's. */
export interface Attack {
  /** What is typed: `ftal`. */
  readonly name: string;
  /** For a person: `Fine-tune all layers`. */
  readonly title: string;
  /** One line with its source, for `--help`. */
  readonly describe: string;
  readonly options: Readonly<Record<string, AttackOption>>;
  /** Name of the x of a sweep. */
  readonly axis?: string;
  /** Whether it leaves a body under which the owner can put back his head. */
  readonly keepsBody?: boolean;
  /** Whether no other attack can go on from what it leaves: a server's doing, or a model for another task. */
  readonly endsSequence?: boolean;
  /** The models that it ends with, in the order of the axis. Throws what training throws. */
  run(
    context: AttackContext,
    options: AttackOptions,
  ): AsyncIterable<Candidate> | Iterable<Candidate>;
}

/** What a thief has: a model, data of the task, and a machine. */
export interface AttackContext {
  readonly stolen: Classifier;
  /** The thief's images of the task. */
  readonly task: Dataset;
  /** For `transfer`: reads another task. */
  readonly readData: (name: string) => Promise<{ task: Dataset; test: Dataset }>;
  readonly seed: string;
  readonly machine: Machine;
  readonly signal?: AbortSignal | undefined;
  /** Trains a classifier on; what it costs is counted. */
  readonly train: (training: AttackTraining) => Promise<Classifier>;
  /** Lends an engine that holds a classifier, for questions and gradients. */
  readonly using: <T>(
    classifier: Classifier,
    use: (engine: AttackEngine) => Promise<T>,
  ) => Promise<T>;
  /** Draws that follow from the seed, the attack and the name. */
  readonly stream: (name: string) => SeededStream;
  /** Measures the thief's own claim, as the judge would. */
  readonly measureSecond: (
    when: 'before' | 'after',
    claim: { readonly commitment: Commitment; readonly triggers: HiddenTriggers },
    classifier: Classifier,
  ) => Promise<void>;
  /** Something for the record's reader. */
  readonly note: (text: string) => void;
  readonly progress: (done: number, total: number, what: string) => void;
}

/** What an attack may do with a model at hand. */
export interface AttackEngine {
  /** Scores, count × classes. Counted as queries where the model is the stolen one. */
  predict(pixels: Uint8Array, count: number): Promise<Float32Array>;
  /** See `Engine.pixelGradient`. */
  pixelGradient(batch: Pick<MixedBatch, 'pixels' | 'labels' | 'count'>): Promise<Float32Array>;
}

/** A training run of an attack. */
export interface AttackTraining {
  /** Names its curve, and with the seed its random choices. */
  readonly label: string;
  readonly classifier: Classifier;
  /** Default: the thief's. */
  readonly task?: (Dataset & { readonly targets?: Float32Array }) | undefined;
  /** The thief's own, to embed. */
  readonly triggers?: HiddenTriggers;
  /** Default: the images that everything is measured on. */
  readonly test?: Dataset | undefined;
  readonly recipe: Pick<Recipe, 'optimizer' | 'schedule' | 'epochs'> & Partial<Recipe>;
  readonly trainable?: Trainable;
  readonly keepZeros?: boolean;
  /** Changes each batch with the model as it stands at that moment. */
  readonly prepare?: (batch: MixedBatch, engine: AttackEngine) => Promise<MixedBatch>;
}

/** Which numbers an option may be; any finite one where nothing is said. */
export interface Bounds {
  readonly least?: number;
  readonly most?: number;
  readonly whole?: boolean;
}

/** Reads a number among the options. Throws `InputError` `attack.options` for one out of bounds. */
export function numberOf(options: AttackOptions, name: string, bounds: Bounds = {}): number {
  const value = options[name];
  if (typeof value !== 'number') throw new TypeError(`the option ${name} is no number`);
  return within(name, value, bounds);
}

/** Reads a list of numbers, written with commas. Throws `InputError` `attack.options` for what is none. */
export function numbersOf(options: AttackOptions, name: string, bounds: Bounds = {}): number[] {
  return String(options[name])
    .split(',')
    .map((text) => within(name, text.trim() === '' ? NaN : Number(text), bounds));
}

/** Reads one of a few words. Throws `InputError` `attack.options` for another one. */
export function choiceOf<Word extends string>(
  options: AttackOptions,
  name: string,
  words: readonly Word[],
): Word {
  const chosen = words.find((word) => word === options[name]);
  if (chosen !== undefined) return chosen;
  throw badOption(`${name} is ${JSON.stringify(options[name])}, not one of ${words.join(', ')}`);
}

function within(name: string, value: number, { least, most, whole = false }: Bounds): number {
  const isInside = value >= (least ?? -Infinity) && value <= (most ?? Infinity);
  if (Number.isFinite(value) && isInside && (!whole || Number.isInteger(value))) return value;
  const limits = [
    ...(least === undefined ? [] : [`at least ${least}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
  ];
  const wanted = [whole ? 'a whole number' : 'a number', limits.join(' and ')].join(' ').trim();
  throw badOption(`${name} should be ${wanted}, got ${value}`);
}

function badOption(message: string): InputError {
  return new InputError({
    code: 'attack.options',
    message,
    hint: '`veilmark attack NAME --help` shows the usual value; lists are written with commas',
  });
}
