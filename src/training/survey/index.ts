export * from './benchmark.js';
export { benchmarkBatch, benchmarkSpec, type Measurement } from './measure.js';
export type { BackendStatus } from './probe.js';
export * from './survey.js';
