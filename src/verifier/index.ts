export * from './ask.js';
export * from './judge.js';
export * from './not-checked.js';
export * from './verify-transcript.js';
