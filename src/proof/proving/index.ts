export * from './prove-all.js';
export type { Proved, ProveTask } from './prove.js';
export * from './witness.js';
