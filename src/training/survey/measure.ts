import { SeededStream } from '../../crypto/index.js';
import type { BackendName } from '../backends/names.js';
import type { Batch, Engine, ModelSpec } from '../engine.js';
import { createLocalEngine } from '../local-engine.js';
import { createParallelEngine } from '../parallel-engine.js';

/** What is measured everywhere: training steps of `cnn` with Adam on noise. */
export const benchmarkSpec: ModelSpec = {
  architecture: 'cnn',
  shape: { height: 28, width: 28, channels: 1 },
  classes: 10,
  preprocessing: { mean: [0.286], std: [0.353] },
};
export const benchmarkBatch = 128;

export interface Measurement {
  readonly backend: BackendName;
  readonly workers: number;
  /** Seconds to measure for, after the engine has started. */
  readonly seconds: number;
}

/** Steps before those that count: programs are compiled, memory is taken. */
const warmUp = 2;

/**
 * Trains for some seconds and gives images a second, telling of each step how it went so far. At least one step counts,
 * however long it takes.
 */
export async function measure(
  { backend, workers, seconds }: Measurement,
  onStep: (imagesPerSecond: number) => void,
): Promise<number> {
  const engine = await startEngine(backend, workers);
  try {
    const batch = noise();
    const started = performance.now();
    for (let step = 0; step < warmUp && secondsSince(started) < seconds / 2; step++) {
      await engine.step(batch, 0.001);
    }
    const counted = performance.now();
    let images = 0;
    do {
      await engine.step(batch, 0.001);
      images += benchmarkBatch;
      onStep(images / secondsSince(counted));
    } while (secondsSince(started) < seconds);
    return images / secondsSince(counted);
  } finally {
    await engine.close();
  }
}

const secondsSince = (start: number): number => (performance.now() - start) / 1000;

function startEngine(backend: BackendName, workers: number): Promise<Engine> {
  const options = { spec: benchmarkSpec, optimizer: { kind: 'adam' }, seed: 1 } as const;
  return workers > 1
    ? createParallelEngine({ ...options, workers })
    : createLocalEngine({ ...options, backend });
}

function noise(): Batch {
  const { shape, classes } = benchmarkSpec;
  const stream = new SeededStream('veilmark/benchmark/1', []);
  return {
    pixels: stream.bytes(benchmarkBatch * shape.height * shape.width * shape.channels),
    labels: Int32Array.from({ length: benchmarkBatch }, () => stream.below(classes)),
    count: benchmarkBatch,
  };
}
