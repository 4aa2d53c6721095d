export * from './bytes.js';
export * from './errors.js';
export * from './image.js';
export * from './json.js';
