export { chatSuspect, type ChatOptions } from './adapter.js';
export { type Prompt, promptFor } from './prompt.js';
