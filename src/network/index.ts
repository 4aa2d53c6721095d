export type { ScaleSource } from './builder.js';
export * from './compare.js';
export * from './file.js';
export * from './graph.js';
export * from './layers-model.js';
export * from './project.js';
export * from './quantise.js';
export * from './run.js';
export * from './sizes.js';
