export * from './ceremony.js';
export { checkComplete } from './ceremony-rules.js';
export type { Contribution } from './contributions.js';
export * from './dev-setup.js';
export * from './finish.js';
export * from './key-folder.js';
export type { PtauSource } from './ptau-file.js';
export * from './setup.js';
export { withSnarkjs } from './snarkjs-session.js';
