export * from './ask.js';
export { type JudgeOptions, type JudgeStage, runJudge } from './judge.js';
export * from './white-box-judge.js';
export * from './not-checked.js';
export * from './null-models.js';
export * from './panel.js';
export * from './verify-transcript.js';
