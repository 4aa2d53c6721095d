import { EnvironmentError, InputError } from '../base/index.js';
import { SeededStream } from '../crypto/index.js';
import {
  type Augmentation,
  createEngine,
  type Dataset,
  type Engine,
  type Machine,
  type Predictor,
  type Recipe,
  train,
  type TrainOptions,
} from '../training/index.js';
import type {
  Attack,
  AttackContext,
  AttackEngine,
  AttackOptions,
  AttackTraining,
  Candidate,
} from './attack.js';
import { type Classifier, joined, sameHead } from './classifier.js';
import { measure, type Yardstick } from './measure.js';
import { type AttackRecord, decimalText, type Measurement } from './record.js';

/** An attack on a model, and all that it is measured with. */
export interface Experiment {
  readonly attack: Attack;
  readonly options: AttackOptions;
  readonly stolen: Classifier;
  /** Digest of the attacked model's folder, hexadecimal. */
  readonly model: string;
  readonly task: Dataset;
  /** What the data are called. */
  readonly data: string;
  readonly readData: AttackContext['readData'];
  /** Of task images in training: the thief does as the owner did. */
  readonly augmentation?: Augmentation | undefined;
  readonly yardstick: Yardstick;
  readonly seed: string;
  readonly machine: Machine;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ExperimentProgress) => void) | undefined;
}

/** Where an experiment is. */
export interface ExperimentProgress {
  readonly what: string;
  readonly done: number;
  readonly total: number;
  readonly detail: string;
}

type Curve = AttackRecord['curves'][number];

/** Default of everything that an attack's training does not say: the paper's code. */
const usual = { batchSize: 100, triggersPerBatch: 1 } as const satisfies Partial<Recipe>;

/**
 * Runs an attack and measures what is left: the attacker's own model, and where it has another head of the same size also
 * under the owner's. Gives the record, and each candidate to `onCandidate`. Throws what the attack throws: `InputError`
 * `attack.options`, `training.*`; `EnvironmentError` `training.stopped`.
 */
export async function runExperiment(
  experiment: Experiment,
  onCandidate: (candidate: Candidate) => Promise<void> = () => Promise.resolve(),
): Promise<AttackRecord> {
  const { attack, options, stolen, yardstick } = experiment;
  const started = performance.now();
  const costs = new Costs(experiment);
  const context = contextOf(experiment, costs);
  const before = await measured(experiment, { label: 'before', classifier: stolen });
  const points: AttackRecord['points'] = [];
  let otherTask: string | undefined;
  for await (const candidate of attack.run(context, options)) {
    const after = await measured(experiment, candidate);
    const ownerHead = await underOwnersHead(experiment, candidate);
    const value = candidate.value === undefined ? '' : decimalText(candidate.value);
    otherTask ??= candidate.otherTask?.name;
    points.push({ label: candidate.label, value, after, ...(ownerHead && { ownerHead }) });
    await onCandidate(candidate);
  }
  return {
    kind: 'veilmark/attack',
    version: 1,
    attack: attack.name,
    title: attack.title,
    options: Object.fromEntries(Object.entries(options).map(([key, value]) => [key, `${value}`])),
    ...(attack.axis && { axis: attack.axis }),
    model: experiment.model,
    commitment: Buffer.from(yardstick.commitment.digest).toString('hex'),
    data: experiment.data,
    seed: experiment.seed,
    backend: costs.backend,
    ...(otherTask !== undefined && { otherTask }),
    before,
    points,
    curves: costs.curves,
    ...(costs.second.before &&
      costs.second.after && { second: { before: costs.second.before, after: costs.second.after } }),
    cost: {
      epochs: decimalText(Math.round(costs.epochs * 1000) / 1000),
      queries: costs.queries,
      seconds: Math.round((performance.now() - started) / 1000),
    },
    notes: costs.notes,
  };
}

/** What an experiment has used so far. */
class Costs {
  readonly curves: Curve[] = [];
  readonly notes: string[] = [];
  readonly second: { before?: Measurement; after?: Measurement } = {};
  epochs = 0;
  queries = 0;
  backend = 'none';
  readonly experiment: Experiment;

  constructor(experiment: Experiment) {
    this.experiment = experiment;
  }

  /** Epochs over the whole of the thief's data. */
  trained(images: number): void {
    this.epochs += images / this.experiment.task.labels.length;
  }
}

function contextOf(experiment: Experiment, costs: Costs): AttackContext {
  const { attack, stolen, task, seed, machine, signal, onProgress } = experiment;
  return {
    stolen,
    task,
    readData: experiment.readData,
    seed,
    machine,
    signal,
    train: (training) => trainOn(experiment, costs, training),
    using: (classifier, use) =>
      withEngine(experiment, classifier, (engine) =>
        use(classifier === stolen ? counting(engine, costs) : engine),
      ),
    measureSecond: async (when, claim, classifier) => {
      costs.second[when] = await withEngine(experiment, classifier, (engine) =>
        measure(engine, { ...experiment.yardstick, ...claim, classes: classifier.spec.classes }),
      );
    },
    stream: (name) => new SeededStream('veilmark/attack/1', [seed, attack.name, name]),
    note: (text) => costs.notes.push(text),
    progress: (done, total, what) => {
      stopIfAborted(experiment);
      onProgress?.({ what, done, total, detail: '' });
    },
  };
}

function counting(engine: Engine, costs: Costs): AttackEngine {
  return {
    predict: (pixels, count) => {
      costs.queries += count;
      return engine.predict(pixels, count);
    },
    pixelGradient: (batch) => engine.pixelGradient(batch),
  };
}

async function trainOn(
  experiment: Experiment,
  costs: Costs,
  { label, classifier, prepare, trainable, keepZeros, triggers, ...training }: AttackTraining,
): Promise<Classifier> {
  const { yardstick, seed, machine, signal, onProgress } = experiment;
  const { task = experiment.task, test = yardstick.test } = training;
  const options: TrainOptions = {
    ...usual,
    augmentation: experiment.augmentation,
    ...training.recipe,
    spec: classifier.spec,
    trainable,
    keepZeros,
    seed: `${seed}/${experiment.attack.name}/${label}`.slice(0, 200),
  };
  if (options.epochs === 0) return classifier;
  const curve: Curve = { label, epochs: [] };
  costs.curves.push(curve);
  const engine = await createEngine(options, machine);
  costs.backend = engine.description;
  try {
    const { state } = await train({
      engine,
      base: classifier.weights,
      task,
      test,
      triggers,
      watched: yardstick.triggers,
      options,
      signal,
      ...(prepare && { prepare: (batch) => prepare(batch, engine) }),
      onProgress: (progress) => {
        if (progress.kind === 'epoch') {
          const { epoch, loss, triggers } = progress;
          costs.trained(task.labels.length);
          if (triggers) {
            const counts = { test: progress.test, triggers };
            curve.epochs.push({ epoch, loss: decimalText(Number(loss.toPrecision(6))), ...counts });
          }
        } else if (progress.kind === 'step') {
          const steps = Math.ceil(task.labels.length / options.batchSize);
          onProgress?.({
            what: label,
            done: (progress.epoch - 1) * steps + progress.step,
            total: options.epochs * steps,
            detail: `epoch ${progress.epoch}/${options.epochs}  loss ${progress.loss.toFixed(3)}`,
          });
        }
      },
    });
    return { spec: classifier.spec, weights: state.weights };
  } finally {
    await engine.close();
  }
}

async function withEngine<T>(
  { machine, seed }: Pick<Experiment, 'machine' | 'seed'>,
  { spec, weights }: Classifier,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await createEngine({ spec, optimizer: { kind: 'adam' }, seed }, machine);
  try {
    await engine.load(weights);
    return await use(engine);
  } finally {
    await engine.close();
  }
}

/** The candidate as the judge meets it; a model of other classes answers triggers with its own. */
async function measured(
  experiment: Experiment,
  { classifier, transform, otherTask }: Candidate,
): Promise<Measurement> {
  stopIfAborted(experiment);
  const test = otherTask?.test ?? experiment.yardstick.test;
  return withEngine(experiment, classifier, (engine) => {
    const predictor: Predictor = transform
      ? { predict: async (pixels, count) => engine.predict(await transform(pixels, count), count) }
      : engine;
    return measure(predictor, { ...experiment.yardstick, test, classes: classifier.spec.classes });
  });
}

/** Throws `training.stopped` if the caller wants no more: not every attack trains. */
function stopIfAborted({ signal }: Experiment): void {
  if (signal?.aborted !== true) return;
  throw new EnvironmentError({
    code: 'training.stopped',
    message: 'the attack was stopped; nothing of it was written',
  });
}

/** The paper's measure: the owner puts the last layer back under which the mark was embedded. */
async function underOwnersHead(
  experiment: Experiment,
  candidate: Candidate,
): Promise<Measurement | undefined> {
  const { stolen, attack } = experiment;
  const { classifier } = candidate;
  if (attack.keepsBody !== true || (await sameHead(classifier, stolen))) return undefined;
  const body = await joined({ body: classifier, head: stolen });
  return measured(experiment, { ...candidate, classifier: body });
}

/** Throws `InputError` `attack.options` for an option that the attack does not have or cannot use. */
export function checkedOptions(attack: Attack, given: AttackOptions): AttackOptions {
  const merged = Object.entries(attack.options).map(([name, { default: usually }]) => {
    const value = given[name] ?? usually;
    const isNumber = typeof usually === 'number';
    if (isNumber !== (typeof value === 'number') || (isNumber && !Number.isFinite(value))) {
      throw refusal(attack, `${name} should be a ${isNumber ? 'number' : 'text'}, got ${value}`);
    }
    return [name, value] as const;
  });
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(attack.options, name));
  if (unknown !== undefined) throw refusal(attack, `there is no option ${unknown}`);
  return Object.fromEntries(merged);
}

function refusal(attack: Attack, message: string): InputError {
  return new InputError({
    code: 'attack.options',
    message: `${attack.name}: ${message}`,
    hint: `\`veilmark attack ${attack.name} --help\` lists its options`,
  });
}
