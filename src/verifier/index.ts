export * from './ask.js';
export * from './check-queries.js';
export { type JudgeOptions, type JudgeStage, runJudge } from './judge.js';
export * from './white-box-judge.js';
export * from './not-checked.js';
export * from './query-order.js';
export * from './tally.js';
export * from './verify-transcript.js';
