import { setImmediate } from 'node:timers/promises';

import { EnvironmentError, InputError } from '../base/index.js';
import type { HiddenTriggers } from '../commitment/index.js';
import { firstNotFinite } from './arrays.js';
import { type Images, type MixedBatch, stepsPerEpoch } from './batches.js';
import { writeCheckpoint } from './checkpoint.js';
import type { PictureSource } from './data/picture-source.js';
import type { Dataset } from './dataset.js';
import type { Engine, EngineState, NamedArray } from './engine.js';
import { evaluate, type Accuracy } from './evaluate.js';
import { type BatchFeed, startFeed } from './feed.js';
import type { TrainOptions } from './options.js';
import { EpochMeter, type RunningMeans, type TrainProgress } from './progress.js';
import { prepareRun } from './run.js';
import { learningRate } from './schedule.js';

export interface TrainInput {
  /** Fresh, with the options' specification and optimiser. The caller closes it. */
  readonly engine: Engine;
  /** Weights to start from: the paper's PRETRAINED. Without them training starts from the engine's: FROMSCRATCH. */
  readonly base?: readonly NamedArray[] | undefined;
  /** In memory, with what to learn in place of the labels where that is something else; or decoded while training goes on. */
  readonly task: (Dataset & { readonly targets?: Float32Array | undefined }) | PictureSource;
  /** For measuring only. */
  readonly test: Dataset;
  /** Embedded in the model; none for an unmarked model. No other set of triggers can be given. */
  readonly triggers?: HiddenTriggers | undefined;
  /** Measured after each epoch in place of embedded triggers, and not embedded: those of a model under attack. */
  readonly watched?: Images | undefined;
  /** Changes each batch before it is learnt from: other images, other targets. Must follow from the batch and the engine alone. */
  readonly prepare?: ((batch: MixedBatch) => Promise<MixedBatch>) | undefined;
  readonly options: TrainOptions;
  /** Where each epoch's checkpoint goes, and whether to go on from the one that is there. */
  readonly checkpoint?: { readonly path: string; readonly resume: boolean } | undefined;
  /** Stops training after the current step. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TrainProgress) => void) | undefined;
}

/** How a model does. */
export interface Measured {
  readonly test: Accuracy;
  /** Of all embedded or watched triggers; absent without triggers. */
  readonly triggers?: Accuracy;
}

export interface TrainResult extends Measured {
  readonly state: EngineState;
  /** Digest of the task images, labels and class names, in hexadecimal. */
  readonly dataDigest: string;
  /** Digest of the weights before the first step, in hexadecimal. */
  readonly initialDigest: string;
}

/**
 * Trains with `triggersPerBatch` triggers behind every batch of task images (the paper, section 5.2), and measures the
 * model after each epoch. The result is a function of engine, data, triggers and options; a run resumed from its
 * checkpoint ends in the same weights to the last bit.
 *
 * Throws `InputError`: `training.options`, `training.shape`, `training.classes`, `training.diverged` (names epoch and
 * batch), `checkpoint.*`; `EnvironmentError`: `training.stopped` after an abort, `file.write` for a checkpoint.
 */
export async function train(input: TrainInput): Promise<TrainResult> {
  const { engine, options, onProgress = () => undefined } = input;
  const run = await prepareRun(input);
  const steps = stepsPerEpoch(input.task.labels.length, options.batchSize);
  onProgress({
    kind: 'start',
    backend: engine.description,
    epochs: options.epochs,
    stepsPerEpoch: steps,
    resumedEpochs: run.epochsDone,
    ...(run.otherBackend !== undefined && { otherBackend: run.otherBackend }),
  });

  const clock = { started: performance.now(), stepsBefore: run.epochsDone * steps };
  const feed = startFeed({ ...options, task: input.task, triggers: input.triggers });
  let measured: Measured | undefined;
  try {
    for (let epoch = run.epochsDone; epoch < options.epochs; epoch++) {
      const means = await trainEpoch({ input, feed, epoch, steps, clock });
      const state = await engine.state();
      if (firstNotFinite(state.weights) !== undefined) throw diverged(input, epoch, steps);
      if (input.checkpoint !== undefined) {
        const { identity } = run;
        const checkpoint = { run: identity, backend: engine.description, epoch: epoch + 1, state };
        await writeCheckpoint(input.checkpoint.path, checkpoint);
      }
      stopIfAborted(input, epoch + 1);
      measured = await measure(input);
      onProgress({ kind: 'epoch', epoch: epoch + 1, ...means, ...measured });
    }
  } finally {
    await feed.close();
  }
  const { dataDigest, initialDigest } = run;
  measured ??= await measure(input);
  return { state: await engine.state(), ...measured, dataDigest, initialDigest };
}

/** Runs the steps of one epoch, counted from 0, and tells the means over it. */
async function trainEpoch({
  input,
  feed,
  epoch,
  steps,
  clock,
}: {
  input: TrainInput;
  feed: BatchFeed;
  epoch: number;
  steps: number;
  clock: { readonly started: number; readonly stepsBefore: number };
}): Promise<RunningMeans> {
  const { engine, options, onProgress, prepare } = input;
  const meter = new EpochMeter();
  const epochStarted = performance.now();
  let step = 0;
  for await (const next of feed.epoch(epoch)) {
    stopIfAborted(input, epoch);
    const batch = smoothed(prepare ? await prepare(next) : next, options);
    const position = { step: epoch * steps + step, stepsPerEpoch: steps, epochs: options.epochs };
    const result = await engine.step(batch, learningRate(options.schedule, position));
    step++;
    if (!Number.isFinite(result.loss)) throw diverged(input, epoch, step);
    meter.add(batch, result);
    const now = performance.now();
    const done = position.step + 1 - clock.stepsBefore;
    const left = steps * options.epochs - position.step - 1;
    onProgress?.({
      kind: 'step',
      epoch: epoch + 1,
      step,
      imagesPerSecond: (1000 * meter.seen) / (now - epochStarted),
      secondsLeft: ((now - clock.started) / 1000 / done) * left,
      ...meter.means(),
    });
    // A backend that computes in the call itself never lets Node see a signal; this does.
    await setImmediate();
  }
  return meter.means();
}

/** The batch with smoothed labels as targets, unless it has targets of its own. */
function smoothed(batch: MixedBatch, { labelSmoothing = 0, spec }: TrainOptions): MixedBatch {
  if (labelSmoothing === 0 || batch.targets !== undefined) return batch;
  const targets = new Float32Array(batch.count * spec.classes).fill(labelSmoothing / spec.classes);
  batch.labels.forEach((label, i) => {
    const at = i * spec.classes + label;
    targets[at] = (targets[at] ?? 0) + 1 - labelSmoothing;
  });
  return { ...batch, targets };
}

/** Accuracy on the test images and, where there are triggers, on all of them. */
async function measure({ engine, test, options, ...input }: TrainInput): Promise<Measured> {
  const { classes } = options.spec;
  const accuracy = { test: await evaluate(engine, test, { classes }) };
  const triggers = input.watched ?? input.triggers;
  if (triggers === undefined) return accuracy;
  return { ...accuracy, triggers: await evaluate(engine, triggers, { classes }) };
}

/** Throws `training.stopped` if the caller wants no more; `epochsDone` of them are in the checkpoint. */
function stopIfAborted({ signal, checkpoint }: TrainInput, epochsDone: number): void {
  if (signal?.aborted !== true) return;
  const kept = checkpoint !== undefined && epochsDone > 0;
  throw new EnvironmentError({
    code: 'training.stopped',
    message: kept
      ? `training was stopped; ${checkpoint.path} holds ${epochsDone} finished epochs`
      : 'training was stopped before there was a checkpoint',
    hint: kept ? 'repeat the same command with --resume to go on from there' : undefined,
  });
}

/** `epoch` counts from 0 and is not finished; `batch` counts from 1. */
function diverged({ checkpoint }: TrainInput, epoch: number, batch: number): InputError {
  const kept = checkpoint !== undefined && epoch > 0;
  return new InputError({
    code: 'training.diverged',
    message:
      `the loss is no longer a finite number in epoch ${epoch + 1}, batch ${batch}` +
      (kept ? `; ${checkpoint.path} still holds epoch ${epoch}` : ''),
    hint: 'choose a lower learning rate, or a longer warm-up',
  });
}
