export * from './counter.js';
export * from './file-ledger.js';
export * from './ledger.js';
export * from './owner.js';
export * from './white-box.js';
export * from './white-box-file-ledger.js';
export * from './white-box-ledger.js';
export * from './white-box-ledger-file.js';
