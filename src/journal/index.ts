export * from './archived.js';
export * from './file-journal.js';
export * from './session-folder.js';
