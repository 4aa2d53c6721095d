/** What runs in a process of the pool: it does the jobs that it is sent, and ends when its parent does. */
import './ignore-signals.js';

import { multiplyGenerators } from '../keys/fixed-base.js';
import { prove } from '../proving/prove.js';
import { job, type Outcome } from './outcome.js';

const jobs = {
  fixedBase: job(multiplyGenerators),
  prove: job(prove),
};

/** The jobs by name, with what each takes and gives. */
export type Jobs = typeof jobs;

process.on('disconnect', () => process.exit());
process.on('message', ({ name, task }: { name: keyof Jobs; task: never }) => {
  void (jobs[name](task) as Promise<Outcome<unknown>>).then((outcome) => process.send?.(outcome));
});
