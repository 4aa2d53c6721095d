export * from './dev-setup.js';
export * from './key-folder.js';
export * from './setup.js';
