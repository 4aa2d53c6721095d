/** One row of the training benchmark: prints the median images a second of `training-row.ts NETWORK KIND [WORKERS]`. */
import { sizeOf } from '../src/base/index.js';
import type { Batch, Engine, ModelSpec, OptimizerSpec } from '../src/training/engine.js';
import { createLocalEngine } from '../src/training/local-engine.js';
import { createParallelEngine } from '../src/training/parallel-engine.js';
import { startNaiveWasm } from './naive-wasm.js';

const [network = 'cnn', kind = 'wasm', workers = '2'] = process.argv.slice(2);

const isResidual = network.startsWith('resnet');
const images: Pick<ModelSpec, 'shape' | 'preprocessing'> = isResidual
  ? {
      shape: { height: 32, width: 32, channels: 3 },
      preprocessing: { mean: [0.491, 0.482, 0.447], std: [0.247, 0.243, 0.262] },
    }
  : {
      shape: { height: 28, width: 28, channels: 1 },
      preprocessing: { mean: [0.286], std: [0.353] },
    };
const spec: ModelSpec = { architecture: network, classes: 10, ...images };
const optimizer: OptimizerSpec = isResidual
  ? { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 }
  : { kind: 'adam' };
const count = 128;

/** Seconds of warm-up and of each measured window, and the number of windows; plain cpu takes seconds for one step. */
const plan =
  kind === 'cpu' ? { warmUp: 0, window: 0, windows: 1 } : { warmUp: 2, window: 1, windows: 7 };

async function createEngine(): Promise<Engine> {
  const options = { spec, optimizer, seed: 1 };
  if (kind === 'workers') return createParallelEngine({ ...options, workers: Number(workers) });
  if (kind === 'naive') await startNaiveWasm();
  return createLocalEngine({ ...options, backend: kind === 'cpu' ? 'cpu' : 'wasm' });
}

/** Noise: the least that a branch on pixels can predict. */
function randomBatch(): Batch {
  const random = (below: number): number => Math.floor(Math.random() * below);
  return {
    pixels: Uint8Array.from({ length: count * sizeOf(spec.shape) }, () => random(256)),
    labels: Int32Array.from({ length: count }, () => random(10)),
    count,
  };
}

const engine = await createEngine();
const batches = Array.from({ length: 16 }, randomBatch);
let steps = 0;

/** Steps for at least that many seconds, and at least once; returns images a second. */
async function speedOver(seconds: number): Promise<number> {
  const start = performance.now();
  let images = 0;
  let elapsed = 0;
  do {
    const batch = batches[steps++ % batches.length];
    if (batch !== undefined) await engine.step(batch, 0.001);
    images += count;
    elapsed = (performance.now() - start) / 1000;
  } while (elapsed < seconds);
  return images / elapsed;
}

if (plan.warmUp > 0) await speedOver(plan.warmUp);
const speeds: number[] = [];
for (let i = 0; i < plan.windows; i++) speeds.push(await speedOver(plan.window));
speeds.sort((a, b) => a - b);
process.stdout.write(`${speeds[Math.floor(speeds.length / 2)]}\n`);
await engine.close();
