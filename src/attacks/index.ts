export * from './record.js';
export * from './success.js';
