/**
 * A convolution; where nothing else is said, with 3 × 3 taps and stride 1. x: batch × height × width × channels, w: 3 × 3 ×
 * channels × filters, y: batch × rows × columns × filters, all float32; channels and filters are multiples of 4.
 * `kernels/wasm/convolution-task.ts` of src/training writes the fields in this order.
 */
@unmanaged
export class Convolution {
  x: usize;
  w: usize;
  y: usize;
  /** One number a filter that is added to y; address 0 for none. */
  bias: usize;
  /** Memory of `scratchBytes`. */
  scratch: usize;
  batch: i32;
  height: i32;
  width: i32;
  channels: i32;
  rows: i32;
  columns: i32;
  filters: i32;
  /** Zeros before the image; those after it follow from the sizes. */
  top: i32;
  left: i32;
  /** 1 if the taps are taken in reverse order. */
  reversed: i32;
  /** 1 if numbers of y below zero become zero. */
  rectified: i32;
  /** For `slidingFilterGradient`. */
  tapRows: i32;
  tapColumns: i32;
  strideRows: i32;
  strideColumns: i32;
}

export const float: usize = 4;
/** Bytes of four numbers. */
export const vector: usize = 16;
export const address: usize = sizeof<usize>();
/** What a tile of 6 × 6 numbers becomes: a row of each of so many matrices. */
export const matrices: usize = 36;

/** Bytes that a processor's cache takes in at once. */
const line: usize = 64;
/** Bytes of the matrices of one block of tiles where the filter is small: part of a core's own cache. */
const blockBytes: i32 = 1 << 19;

/** Where a convolution keeps its intermediate results. */
@unmanaged
export class Workspace {
  /** Tiles handled at once, a multiple of 4: the more, the larger the filter that each block reads. */
  tiles: i32;
  /** As many numbers as a pixel has, to read in place of pixels outside the image, and to overwrite. */
  zeros: usize;
  unused: usize;
  /** Addresses of a tile's pixels. */
  table: usize;
  /** One tile between its two transforms. */
  lines: usize;
  /** The matrices of a block's tiles, and of the filter, and the bytes from one matrix to the next. */
  input: usize;
  inputStep: usize;
  output: usize;
  outputStep: usize;
  filter: usize;
  filterStep: usize;

  /** Lays the parts out from `scratch` on. */
  place(scratch: usize, channels: i32, filters: i32): void {
    this.tiles = tilesAtOnce(channels, filters);
    this.inputStep = stepOf(this.tiles, channels);
    this.outputStep = stepOf(this.tiles, filters);
    this.filterStep = stepOf(channels, filters);
    this.zeros = (scratch + offsetof<Workspace>() + line - 1) & ~(line - 1);
    this.unused = this.zeros + pixelBytes(channels, filters);
    this.table = this.unused + pixelBytes(channels, filters);
    this.lines = this.table + matrices * address;
    this.input = this.lines + matrices * vector;
    this.output = this.input + matrices * this.inputStep;
    this.filter = this.output + matrices * this.outputStep;
  }
}

/** Bytes of a workspace and all that it places. */
export function scratchBytes(channels: i32, filters: i32): usize {
  const tiles = tilesAtOnce(channels, filters);
  const steps = stepOf(tiles, channels) + stepOf(tiles, filters) + stepOf(channels, filters);
  const pixel = pixelBytes(channels, filters);
  return offsetof<Workspace>() + line + pixel + pixel + matrices * (address + vector + steps);
}

function tilesAtOnce(channels: i32, filters: i32): i32 {
  const filterBytes = <i32>(matrices * float) * channels * filters;
  const tileBytes = <i32>(matrices * float) * (channels + filters);
  return max(16, (max(blockBytes, filterBytes >> 1) / tileBytes) & ~3);
}

function pixelBytes(channels: i32, filters: i32): usize {
  return <usize>((max(channels, filters) + 15) & ~15) * float;
}

/** A line more than the matrix has, so that the 36 of them do not all want the same few places of the cache. */
function stepOf(rows: i32, columns: i32): usize {
  return <usize>(rows * ((columns + 7) & ~7)) * float + line;
}
