/** What runs in a process of the pool. */
import workerpool from 'workerpool';

import { multiplyGenerators } from '../keys/fixed-base.js';
import { prove } from '../proving/prove.js';
import { job } from './outcome.js';

const jobs = {
  fixedBase: job(multiplyGenerators),
  prove: job(prove),
};

/** The jobs by name, with what each takes and gives. */
export type Jobs = typeof jobs;

workerpool.worker(jobs);
