export * from './folder.js';
export * from './memory.js';
export * from './websocket.js';
export * from './resuming.js';
export * from './silent.js';
