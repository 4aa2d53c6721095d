import { rm } from 'node:fs/promises';

import { unreachable } from '../base/index.js';
import type { HiddenTriggers } from '../commitment/index.js';
import { mustNotExist } from '../files/index.js';
import type { BackendChoice } from '../training/backend.js';
import type { PictureSource } from '../training/data/index.js';
import type { Dataset } from '../training/dataset.js';
import type { NamedArray } from '../training/engine.js';
import { fraction } from '../training/evaluate.js';
import { createEngine } from '../training/create-engine.js';
import { saveModelFolder } from '../training/model-folder.js';
import { type TrainOptions } from '../training/options.js';
import type { TrainProgress } from '../training/progress.js';
import { train, type TrainResult } from '../training/train.js';
import { Progress } from './progress.js';
import { note, percent } from './terminal.js';

/** A training run from data to a model folder. */
export interface TrainingJob {
  readonly title: string;
  readonly folder: string;
  readonly task: Dataset | PictureSource;
  readonly test: Dataset;
  readonly options: TrainOptions;
  readonly backend: BackendChoice;
  readonly workers: number;
  readonly triggers?: HiddenTriggers | undefined;
  readonly base?: readonly NamedArray[] | undefined;
  readonly checkpoint?: { readonly path: string; readonly resume: boolean } | undefined;
}

/**
 * Trains and saves a model folder, with progress on standard error. Ctrl-C stops after the current step, with the last
 * checkpoint whole. Throws what `train` and `saveModelFolder` throw.
 */
export async function runTraining(job: TrainingJob): Promise<TrainResult> {
  const { options, triggers, checkpoint } = job;
  await mustNotExist(job.folder);
  const engine = await createEngine(options, job);
  const stop = new AbortController();
  const onInterrupt = (): void => {
    stop.abort();
  };
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  try {
    const result = await train({
      engine,
      base: job.base,
      task: job.task,
      test: job.test,
      triggers,
      options,
      checkpoint,
      signal: stop.signal,
      onProgress: reporter(job.title),
    });
    await saveModelFolder(job.folder, {
      options,
      classNames: job.task.classNames,
      result,
      backend: engine.description,
      triggers,
    });
    if (checkpoint) await rm(checkpoint.path, { force: true });
    return result;
  } finally {
    process.removeListener('SIGINT', onInterrupt);
    process.removeListener('SIGTERM', onInterrupt);
    await engine.close();
  }
}

/** Shows progress: a bar that moves with every step, a line for every epoch. */
function reporter(title: string): (progress: TrainProgress) => void {
  let bar = new Progress(title);
  let epochs = 0;
  let steps = 0;
  return (progress) => {
    switch (progress.kind) {
      case 'start':
        ({ epochs, stepsPerEpoch: steps } = progress);
        note(`${title}: training on ${progress.backend}`);
        if (progress.resumedEpochs > 0) note(`going on after epoch ${progress.resumedEpochs}`);
        if (progress.otherBackend !== undefined) {
          note(
            `warning: the checkpoint was made on ${progress.otherBackend}; the result will differ in rounding`,
          );
        }
        return;
      case 'step': {
        const done = (progress.epoch - 1) * steps + progress.step;
        const rate = `${Math.round(progress.imagesPerSecond)} images/s`;
        const detail = `epoch ${progress.epoch}/${epochs}  loss ${progress.loss.toFixed(3)}  ${rate}`;
        bar.update(done, steps * epochs, detail, progress.secondsLeft);
        return;
      }
      case 'epoch': {
        bar.end();
        bar = new Progress(title);
        const { test, triggers } = progress;
        const marks = triggers ? `, triggers ${percent(fraction(triggers))}` : '';
        note(
          `  epoch ${progress.epoch}: loss ${progress.loss.toFixed(3)}, train ${percent(progress.trainAccuracy)}, test ${percent(fraction(test))}${marks}`,
        );
        return;
      }
      default:
        throw unreachable(progress);
    }
  };
}
