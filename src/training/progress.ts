import type { StepResult } from './engine.js';
import { fraction, type Accuracy } from './evaluate.js';
import type { MixedBatch } from './batches.js';

/** What training tells while it runs. Epochs and steps count from 1. */
export type TrainProgress =
  | {
      readonly kind: 'start';
      readonly backend: string;
      readonly epochs: number;
      readonly stepsPerEpoch: number;
      /** Epochs that a checkpoint brought; 0 for a fresh run. */
      readonly resumedEpochs: number;
      /** The backend of the checkpoint where it is another: the result will not be the same to the last bit. */
      readonly otherBackend?: string;
    }
  | ({
      readonly kind: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly imagesPerSecond: number;
      readonly secondsLeft: number;
    } & RunningMeans)
  | ({
      readonly kind: 'epoch';
      readonly epoch: number;
      readonly test: Accuracy;
      /** Of all embedded triggers; absent without triggers. */
      readonly triggers?: Accuracy;
    } & RunningMeans);

/** Means over the epoch so far, measured while the weights still change. */
export interface RunningMeans {
  /** Mean cross-entropy of the images seen. */
  readonly loss: number;
  /** Fraction of task images that were classified as labelled. */
  readonly trainAccuracy: number;
  /** The same of triggers; absent without triggers. */
  readonly triggerAccuracy?: number;
}

/** Adds up the steps of one epoch. */
export class EpochMeter {
  private lossSum = 0;
  private images = 0;
  private task: Accuracy = { correct: 0, total: 0 };
  private triggers: Accuracy = { correct: 0, total: 0 };

  add(batch: MixedBatch, { loss, correct }: StepResult): void {
    this.lossSum += loss * batch.count;
    this.images += batch.count;
    this.task = sum(this.task, correct.subarray(0, batch.taskCount));
    this.triggers = sum(this.triggers, correct.subarray(batch.taskCount, batch.count));
  }

  /** Images seen in this epoch, triggers included. */
  get seen(): number {
    return this.images;
  }

  means(): RunningMeans {
    return {
      loss: this.images === 0 ? 0 : this.lossSum / this.images,
      trainAccuracy: fraction(this.task),
      ...(this.triggers.total > 0 && { triggerAccuracy: fraction(this.triggers) }),
    };
  }
}

function sum({ correct, total }: Accuracy, flags: Uint8Array): Accuracy {
  return {
    correct: flags.reduce((count, flag) => count + flag, correct),
    total: total + flags.length,
  };
}
