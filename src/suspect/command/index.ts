export { type CommandOptions, commandSuspect } from './adapter.js';
