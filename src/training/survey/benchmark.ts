import { type AskChild, askChild } from './ask-child.js';
import type { Measurement } from './measure.js';
import type { BackendReport } from './survey.js';

export interface BenchmarkResult {
  readonly backend: Measurement['backend'];
  readonly workers: number;
  /** Absent where no step was done in time, or the process died. */
  readonly imagesPerSecond?: number;
  readonly problem?: string;
}

/** Longest that one row is measured, seconds: more tells nothing new. */
const longest = 8;
/** Share of a row's time for starting a process and compiling programs. */
const startShare = 0.4;

/**
 * What to measure: each backend that is ready, wasm also on all cores. Plain cpu is left out: it takes seconds for one step,
 * and is there to check the others.
 */
export function benchmarkPlan(
  reports: readonly BackendReport[],
  { cores, seconds }: { cores: number; seconds: number },
): Measurement[] {
  const rows = reports
    .filter(({ name, status }) => status === 'ready' && name !== 'cpu')
    .flatMap(({ name }) => [
      { backend: name, workers: 1 },
      ...(name === 'wasm' && cores > 1 ? [{ backend: name, workers: cores }] : []),
    ]);
  const each = Math.min(longest, (seconds / rows.length) * (1 - startShare));
  return rows.map((row) => ({ ...row, seconds: each }));
}

/**
 * Measures one row in a process of its own, which is ended when its time is over. `onStep` tells images a second so far.
 * Never throws. `ask` is for tests.
 */
export async function runBenchmark(
  row: Measurement,
  { onStep, ask = askChild }: { onStep?: (imagesPerSecond: number) => void; ask?: AskChild } = {},
): Promise<BenchmarkResult> {
  const { message, ended } = await ask(
    { kind: 'measure', ...row },
    {
      seconds: row.seconds / (1 - startShare),
      onMessage: (next) => {
        if (next.kind === 'step') onStep?.(next.imagesPerSecond);
      },
    },
  );
  const { backend, workers } = row;
  if (message === undefined || message.kind === 'probe') {
    return { backend, workers, problem: ended ?? 'no step was done' };
  }
  return { backend, workers, imagesPerSecond: message.imagesPerSecond };
}
