export * from './groth16-batch.js';
export * from './groth16-proof.js';
export { type ProvedStatement, verifyProof } from './groth16.js';
export * from './opening-statement.js';
export * from './snarkjs-format.js';
export * from './verification-key.js';
export * from './white-box-layout.js';
export * from './white-box-statement.js';
export * from './white-box-witness.js';
