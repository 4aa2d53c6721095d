export * from './query-log-file.js';
