export * from './atomic.js';
export * from './folder.js';
export * from './jpeg.js';
export * from './listing.js';
export * from './lock.js';
export * from './natural-order.js';
export * from './package-path.js';
export * from './picture.js';
