export type { Field, Pattern } from './field.js';
export { clouds, contours, flames, silk, strokes, whirls } from './flowing.js';
export { blobs, cells, discs, shards } from './pieces.js';
export { bars, maze, rays, ripples, stripes, weave } from './regular.js';
