export * from './derive.js';
export * from './ed25519.js';
export * from './field.js';
export * from './hash.js';
export * from './poseidon.js';
export * from './random.js';
export * from './sealed.js';
export * from './slow-hash.js';
