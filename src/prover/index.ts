export * from './file-ledger.js';
export * from './ledger.js';
export * from './owner.js';
