export * from './commitment-file.js';
export * from './create.js';
export * from './hashing.js';
export * from './hidden-triggers.js';
export * from './labels.js';
export * from './mark.js';
export * from './opening.js';
export * from './parameters.js';
