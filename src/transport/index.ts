export * from './memory.js';
export * from './websocket.js';
