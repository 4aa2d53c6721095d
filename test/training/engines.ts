import type { Batch, EngineState, ModelSpec, OptimizerSpec } from '../../src/training/engine.js';

export const adam: OptimizerSpec = { kind: 'adam' };
export const sgd: OptimizerSpec = { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 };

/** Twelve by twelve grey images in five classes. */
export function small(architecture: string): ModelSpec {
  return {
    architecture,
    shape: { height: 12, width: 12, channels: 1 },
    classes: 5,
    preprocessing: { mean: [0.4], std: [0.3] },
  };
}

/** `count` images of noise with labels; another salt, another batch. */
export function noise({ shape, classes }: ModelSpec, count: number, salt = 1): Batch {
  let state = salt * 2654435761;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
  const size = count * shape.height * shape.width * shape.channels;
  return {
    pixels: Uint8Array.from({ length: size }, () => next() % 256),
    labels: Int32Array.from({ length: count }, () => next() % classes),
    count,
  };
}

/** The largest difference between the weights of two states. */
export function distance(a: EngineState, b: EngineState): number {
  const differences = a.weights.flatMap(({ data }, i) =>
    Array.from(data, (value, j) => Math.abs(value - (b.weights[i]?.data[j] ?? NaN))),
  );
  return differences.reduce((largest, value) => (value <= largest ? largest : value), 0);
}
