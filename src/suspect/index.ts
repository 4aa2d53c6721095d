export * from './attempt.js';
export * from './causes.js';
export * from './descriptor.js';
export type { ServedModel } from './inference-service.js';
export * from './open-inference.js';
export * from './predict.js';
export * from './serve.js';
export * from './tfjs.js';
