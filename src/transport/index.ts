export * from './certificate.js';
export * from './connect.js';
export * from './listen.js';
export * from './loopback.js';
export * from './memory.js';
export * from './peer-certificate.js';
export * from './resuming.js';
export type { TlsParty } from './tls.js';
