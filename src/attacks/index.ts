export * from './record.js';
export * from './success.js';
export * from './attack.js';
export * from './catalogue.js';
export * from './classifier.js';
export * from './laboratory.js';
export * from './measure.js';
