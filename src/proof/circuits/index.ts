export * from './instances.js';
export * from './manifest.js';
export * from './public-inputs.js';
export * from './r1cs.js';
