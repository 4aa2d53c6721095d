/** A process that starts one backend, because that may end the process: it answers its one task, and ends. */
import type { BackendName } from '../backends/names.js';
import { measure, type Measurement } from './measure.js';
import { type Probe, probe } from './probe.js';

export type ChildTask =
  | { readonly kind: 'probe'; readonly name: BackendName }
  | ({ readonly kind: 'measure' } & Measurement);

export type ChildMessage =
  | { readonly kind: 'probe'; readonly probe: Probe }
  /** Images a second so far. */
  | { readonly kind: 'step'; readonly imagesPerSecond: number }
  | { readonly kind: 'measured'; readonly imagesPerSecond: number };

const send = (message: ChildMessage): void => {
  process.send?.(message);
};

async function answer(task: ChildTask): Promise<ChildMessage> {
  switch (task.kind) {
    case 'probe':
      return { kind: 'probe', probe: await probe(task.name) };
    case 'measure': {
      const imagesPerSecond = await measure(task, (soFar) => {
        send({ kind: 'step', imagesPerSecond: soFar });
      });
      return { kind: 'measured', imagesPerSecond };
    }
    default:
      return task satisfies never;
  }
}

process.on('disconnect', () => process.exit());
process.once('message', (task: ChildTask) => {
  void answer(task).then((message) => {
    // Drivers keep a process from ending by itself.
    process.send?.(message, () => process.exit());
  });
});
