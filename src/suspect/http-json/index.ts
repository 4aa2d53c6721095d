export { httpJsonSuspect, type HttpJsonOptions } from './adapter.js';
export { type HttpJsonConfig, parseHttpJson } from './config.js';
export { parsePointer, valueAt } from './json-pointer.js';
