import { multiply } from './matrix-product';
import { Convolution, float, matrices, vector, Workspace } from './task';
import { filterMatrices, filterSums, gradientTiles, inputTiles, outputTiles } from './tiles';

function workspaceOf(task: Convolution): Workspace {
  const work = changetype<Workspace>(task.scratch);
  work.place(task.scratch, task.channels, task.filters);
  memory.fill(work.zeros, 0, work.unused - work.zeros);
  return work;
}

function tilesOf(task: Convolution): i32 {
  return task.batch * ((task.rows + 3) / 4) * ((task.columns + 3) / 4);
}

/** Writes y: the sums over the channels are products of matrices (Lavin and Gray 2016, section 4). */
export function convolve(task: Convolution): void {
  const work = workspaceOf(task);
  const inputRow = <usize>task.channels * float;
  const outputRow = <usize>task.filters * float;
  filterMatrices(task, work);
  const tiles = tilesOf(task);
  for (let first = 0; first < tiles; first += work.tiles) {
    const count = min(work.tiles, tiles - first);
    inputTiles(task, work, first, count, inputRow, vector);
    for (let i: usize = 0; i < matrices; i++) {
      multiply(
        work.input + i * work.inputStep, inputRow, float,
        work.filter + i * work.filterStep, 32, <usize>task.channels * 32,
        work.output + i * work.outputStep, outputRow,
        count, task.filters, task.channels, false,
      );
    }
    outputTiles(task, work, first, count);
  }
}

/**
 * Writes w, the gradient by the filter, where y is the gradient by the convolution's result: the same matrices, transposed.
 */
export function filterGradient(task: Convolution): void {
  const work = workspaceOf(task);
  const filterRow = <usize>task.filters * float;
  const tiles = tilesOf(task);
  for (let first = 0; first < tiles; first += work.tiles) {
    const count = min(work.tiles, tiles - first);
    const four = <usize>count * vector;
    inputTiles(task, work, first, count, vector, four);
    gradientTiles(task, work, first, count);
    for (let i: usize = 0; i < matrices; i++) {
      for (let channel: usize = 0; channel < <usize>task.channels; channel += 4) {
        multiply(
          work.input + i * work.inputStep + (channel >> 2) * four, float, vector,
          work.output + i * work.outputStep, 32, <usize>count * 32,
          work.filter + i * work.filterStep + channel * filterRow, filterRow,
          4, task.filters, count, first > 0,
        );
      }
    }
  }
  filterSums(task, work);
}

/**
 * Writes w, the gradient by the filter, for any taps, strides and number of channels, where y is the gradient by the result
 * and x has its padding. For each row of y and of taps this is one matrix product: the channels that lie under all taps of
 * a row, at each column, by the filters there.
 */
export function slidingFilterGradient(task: Convolution): void {
  const filterRow = <usize>task.filters * float;
  const tapRow = <usize>(task.tapColumns * task.channels) * filterRow;
  const inputPixel = <usize>task.channels * float;
  const inputRow = <usize>task.width * inputPixel;
  memory.fill(task.w, 0, <usize>task.tapRows * tapRow);
  let y = task.y;
  for (let image = 0; image < task.batch; image++) {
    let x = task.x + <usize>(image * task.height) * inputRow;
    for (let row = 0; row < task.rows; row++) {
      for (let tap = 0; tap < task.tapRows; tap++) {
        multiply(
          x + <usize>tap * inputRow, float, <usize>task.strideColumns * inputPixel,
          y, filterRow, 32,
          task.w + <usize>tap * tapRow, filterRow,
          task.tapColumns * task.channels, task.filters, task.columns, true,
        );
      }
      x += <usize>task.strideRows * inputRow;
      y += <usize>task.columns * filterRow;
    }
  }
}
