export * from './known-attacks.js';
export * from './record.js';
export * from './report/index.js';
export * from './success.js';
