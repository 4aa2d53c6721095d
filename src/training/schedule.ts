import { InputError } from '../base/index.js';

/** How the learning rate moves over a training run. */
export type Schedule =
  /** The same rate throughout. */
  | { readonly kind: 'constant'; readonly rate: number }
  /** `rate`, multiplied by `factor` after every `every` epochs (the paper: 0.1, ×0.1 every 20). */
  | {
      readonly kind: 'steps';
      readonly rate: number;
      readonly factor: number;
      readonly every: number;
    }
  /** Linearly up to `peak` over the first `fraction` of all steps, then linearly down to nothing. */
  | { readonly kind: 'warmup'; readonly peak: number; readonly fraction: number };

/** Where a run is: `step` counts from 0 over the whole run of `epochs` × `stepsPerEpoch` steps. */
export interface Position {
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
}

/**
 * The learning rate of one step. It depends on nothing but its arguments, so that a resumed run meets the same rates.
 * A warm-up never returns 0: its last step still has a rate.
 */
export function learningRate(
  schedule: Schedule,
  { step, stepsPerEpoch, epochs }: Position,
): number {
  switch (schedule.kind) {
    case 'constant':
      return schedule.rate;
    case 'steps':
      return schedule.rate * schedule.factor ** Math.floor(step / stepsPerEpoch / schedule.every);
    case 'warmup': {
      const steps = stepsPerEpoch * epochs;
      const top = schedule.fraction * steps;
      return step + 1 <= top
        ? (schedule.peak * (step + 1)) / top
        : (schedule.peak * (steps - step)) / (steps - top + 1);
    }
    default:
      return schedule satisfies never;
  }
}

/**
 * Refuses rates, factors and fractions that no training could use. Throws `InputError` `training.options` naming the
 * field.
 */
export function checkSchedule(schedule: Schedule): void {
  switch (schedule.kind) {
    case 'constant':
      positive('rate', schedule.rate);
      return;
    case 'steps':
      positive('rate', schedule.rate);
      positive('factor', schedule.factor);
      if (!Number.isSafeInteger(schedule.every) || schedule.every < 1) {
        refuse(`the step length of the schedule must be a number of epochs, got ${schedule.every}`);
      }
      return;
    case 'warmup':
      positive('peak', schedule.peak);
      if (!(schedule.fraction >= 0 && schedule.fraction < 1)) {
        refuse(`the warm-up fraction of the schedule must be in [0, 1), got ${schedule.fraction}`);
      }
      return;
    default:
      schedule satisfies never;
  }
}

function positive(field: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) {
    refuse(`the ${field} of the learning-rate schedule must be above 0, got ${value}`);
  }
}

function refuse(message: string): never {
  throw new InputError({ code: 'training.options', message });
}
