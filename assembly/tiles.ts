import { address, Convolution, float, vector, Workspace } from './task';
import {
  transformFilter,
  transformFilterGradient,
  transformGradient,
  transformInput,
  transformOutput,
} from './winograd';

// @ts-ignore: decorator
@inline
function at(table: usize, index: usize): usize {
  return load<usize>(table + index * address);
}

/** Puts the addresses of size × size pixels from a row and column on into `table`; `outside` where the image has none. */
function locate(
  table: usize, size: i32, image: usize, height: i32, width: i32, pixel: usize,
  top: i32, left: i32, outside: usize,
): void {
  for (let i = 0; i < size; i++) {
    const row = top + i;
    const isRow = <u32>row < <u32>height;
    const start = image + <usize>(row * width) * pixel;
    for (let j = 0; j < size; j++) {
      const column = left + j;
      const isPixel = isRow && <u32>column < <u32>width;
      store<usize>(table, isPixel ? start + <usize>column * pixel : outside);
      table += address;
    }
  }
}

/** As `locate`, for the 4 × 4 pixels of y that are a tile's. */
function locateOutput(task: Convolution, work: Workspace, tile: i32, outside: usize): void {
  const across = (task.columns + 3) / 4;
  const each = ((task.rows + 3) / 4) * across;
  const pixel = <usize>task.filters * float;
  const image = task.y + <usize>(tile / each) * <usize>(task.rows * task.columns) * pixel;
  const top = ((tile % each) / across) * 4;
  locate(work.table, 4, image, task.rows, task.columns, pixel, top, ((tile % each) % across) * 4, outside);
}

/** As `locate`, for the 6 × 6 pixels of x that a tile reads. */
function locateInput(task: Convolution, work: Workspace, tile: i32): void {
  const across = (task.columns + 3) / 4;
  const each = ((task.rows + 3) / 4) * across;
  const pixel = <usize>task.channels * float;
  const image = task.x + <usize>(tile / each) * <usize>(task.height * task.width) * pixel;
  const top = ((tile % each) / across) * 4 - task.top;
  const left = ((tile % each) % across) * 4 - task.left;
  locate(work.table, 6, image, task.height, task.width, pixel, top, left, work.zeros);
}

/** Bᵀ x B of some tiles. Four channels of a tile go to tile · tileStep + (channel / 4) · channelStep. */
export function inputTiles(
  task: Convolution, work: Workspace, first: i32, count: i32, tileStep: usize, channelStep: usize,
): void {
  const pixel = <usize>task.channels * float;
  const table = work.table;
  const lines = work.lines;
  const step = work.inputStep;
  for (let tile = 0; tile < count; tile++) {
    locateInput(task, work, first + tile);
    let to = work.input + <usize>tile * tileStep;
    for (let offset: usize = 0; offset < pixel; offset += vector) {
      for (let i: usize = 0; i < 6; i++) {
        const row = table + i * 6 * address;
        transformInput(
          v128.load(at(row, 0) + offset), v128.load(at(row, 1) + offset), v128.load(at(row, 2) + offset),
          v128.load(at(row, 3) + offset), v128.load(at(row, 4) + offset), v128.load(at(row, 5) + offset),
          lines + i * vector, 6 * vector,
        );
      }
      for (let j: usize = 0; j < 6; j++) {
        const column = lines + j * 6 * vector;
        transformInput(
          v128.load(column), v128.load(column, 16), v128.load(column, 32),
          v128.load(column, 48), v128.load(column, 64), v128.load(column, 80),
          to + j * step, 6 * step,
        );
      }
      to += channelStep;
    }
  }
}

/** A y Aᵀ of some tiles, where y is a gradient; in panels of 8 filters. */
export function gradientTiles(task: Convolution, work: Workspace, first: i32, count: i32): void {
  const pixel = <usize>task.filters * float;
  const table = work.table;
  const lines = work.lines;
  const step = work.outputStep;
  for (let tile = 0; tile < count; tile++) {
    locateOutput(task, work, first + tile, work.zeros);
    for (let offset: usize = 0; offset < pixel; offset += vector) {
      for (let i: usize = 0; i < 4; i++) {
        const row = table + i * 4 * address;
        transformGradient(
          v128.load(at(row, 0) + offset), v128.load(at(row, 1) + offset),
          v128.load(at(row, 2) + offset), v128.load(at(row, 3) + offset),
          lines + i * vector, 4 * vector,
        );
      }
      const to = work.output + inPanels(offset, count) + <usize>tile * 32;
      for (let j: usize = 0; j < 6; j++) {
        const column = lines + j * 4 * vector;
        transformGradient(
          v128.load(column), v128.load(column, 16), v128.load(column, 32), v128.load(column, 48),
          to + j * step, 6 * step,
        );
      }
    }
  }
}

/** y = Aᵀ m A of some tiles, plus the bias. */
export function outputTiles(task: Convolution, work: Workspace, first: i32, count: i32): void {
  const pixel = <usize>task.filters * float;
  const table = work.table;
  const lines = work.lines;
  const step = work.outputStep;
  const bias = task.bias;
  const least = f32x4.splat(task.rectified ? 0 : -Infinity);
  for (let tile = 0; tile < count; tile++) {
    locateOutput(task, work, first + tile, work.unused);
    const from = work.output + <usize>tile * pixel;
    for (let offset: usize = 0; offset < pixel; offset += vector) {
      for (let j: usize = 0; j < 6; j++) {
        transformOutput(from + offset + j * step, 6 * step, lines + j * vector, 6 * vector);
      }
      const start = bias === 0 ? f32x4.splat(0) : v128.load(bias + offset);
      for (let i: usize = 0; i < 4; i++) {
        const row = lines + i * 6 * vector;
        transformOutput(row, vector, row, vector);
        for (let j: usize = 0; j < 4; j++) {
          const value = f32x4.add(v128.load(row + j * vector), start);
          v128.store(at(table, i * 4 + j) + offset, f32x4.max(value, least));
        }
      }
    }
  }
}

/** G w Gᵀ, in panels of 8 filters. */
export function filterMatrices(task: Convolution, work: Workspace): void {
  const row = <usize>task.filters * float;
  const tap = <usize>task.channels * row;
  const lines = work.lines;
  const step = work.filterStep;
  const reversed = task.reversed !== 0;
  for (let channel: usize = 0; channel < <usize>task.channels; channel++) {
    for (let offset: usize = 0; offset < row; offset += vector) {
      for (let i: usize = 0; i < 3; i++) {
        const taps = task.w + (reversed ? 2 - i : i) * 3 * tap + channel * row + offset;
        transformFilter(
          v128.load(reversed ? taps + 2 * tap : taps),
          v128.load(taps + tap),
          v128.load(reversed ? taps : taps + 2 * tap),
          lines + i * vector, 3 * vector,
        );
      }
      const to = work.filter + inPanels(offset, task.channels) + channel * 32;
      for (let j: usize = 0; j < 6; j++) {
        const column = lines + j * 3 * vector;
        transformFilter(
          v128.load(column), v128.load(column, 16), v128.load(column, 32),
          to + j * step, 6 * step,
        );
      }
    }
  }
}

/** w = Gᵀ m G, where m are the sums of all tiles. */
export function filterSums(task: Convolution, work: Workspace): void {
  const tap = <usize>(task.channels * task.filters) * float;
  const lines = work.lines;
  const step = work.filterStep;
  for (let offset: usize = 0; offset < tap; offset += vector) {
    for (let j: usize = 0; j < 6; j++) {
      transformFilterGradient(work.filter + offset + j * step, 6 * step, lines + j * vector, 6 * vector);
    }
    for (let i: usize = 0; i < 3; i++) {
      transformFilterGradient(lines + i * 6 * vector, vector, task.w + offset + i * 3 * tap, tap);
    }
  }
}

/** Where the column `offset` / 4 of a matrix starts whose columns lie in panels of 8. */
// @ts-ignore: decorator
@inline
function inPanels(offset: usize, rows: i32): usize {
  return (offset >> 5) * <usize>rows * 32 + (offset & 16);
}
