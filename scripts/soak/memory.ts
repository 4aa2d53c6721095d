import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Memory of the process after a garbage collection, in bytes. */
export interface Sample {
  readonly sessions: number;
  readonly rss: number;
  /** JavaScript objects and the buffers that they hold. */
  readonly heap: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects garbage, twice: what finalisers let go falls to the second one. */
export async function sample(sessions: number): Promise<Sample> {
  for (let i = 0; i < 2; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { sessions, rss, heap: heapUsed + external };
}

/** By how many bytes a session lets something grow: the slope of the least squares line. */
export function slope(samples: readonly Sample[], of: 'rss' | 'heap'): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [x, y] = [
    mean(samples.map(({ sessions }) => sessions)),
    mean(samples.map((one) => one[of])),
  ];
  const spread = samples.reduce((sum, { sessions }) => sum + (sessions - x) ** 2, 0);
  if (spread === 0) return 0;
  return samples.reduce((sum, one) => sum + (one.sessions - x) * (one[of] - y), 0) / spread;
}
