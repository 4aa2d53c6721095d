import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';

import { depth, filterGradientShader, fours, ones } from './filter-gradient-shader.js';
import { own } from './wgsl.js';

/** How the filter gradient, a matrix of patch elements × filters, is cut into tiles and its inner dimension into slices. */
export interface FilterGradientPlan {
  /** Elements of a patch: filter height × filter width × channels. */
  readonly elements: number;
  readonly filters: number;
  /** Invocations of a workgroup along the filters (x) and the elements (y); each computes 4 × 4. */
  readonly workgroup: readonly [x: number, y: number];
  readonly slices: number;
  /** Positions of dy in each slice; the last may have fewer. */
  readonly slice: number;
}

/** Shapes of a workgroup; square tiles read the least, flat ones fit few filters or small patches. */
const workgroups = [
  [8, 8],
  [4, 16],
  [16, 4],
] as const;

/** Workgroups that fill a large processor: slices are added until there are so many. */
const wantedWorkgroups = 1024;
/** Fewest positions that are worth a slice of their own. */
const leastSlice = 16 * depth;

/**
 * Cuts a filter gradient so that it fills a graphics processor, which one thread for each of a few hundred weights does
 * not. All partial results together are at most 2^20 numbers where there is more than one slice.
 *
 * `positions` are those of dy: batch × rows × columns.
 */
export function planFilterGradient({
  elements,
  filters,
  positions,
}: {
  elements: number;
  filters: number;
  positions: number;
}): FilterGradientPlan {
  const tilesOf = ([x, y]: readonly [number, number]): number =>
    Math.ceil(filters / (own * x)) * Math.ceil(elements / (own * y));
  const workgroup = workgroups.reduce((best, other) =>
    tilesOf(other) < tilesOf(best) ? other : best,
  );
  const tiles = tilesOf(workgroup);
  const most = Math.max(1, Math.floor(wantedWorkgroups / tiles));
  const wanted = Math.min(most, Math.ceil(positions / leastSlice));
  const slice = Math.ceil(positions / wanted / depth) * depth;
  return { elements, filters, workgroup, slices: Math.ceil(positions / slice), slice };
}

/**
 * One slice of `dW[k, f] = Σ patch[p, k] · dy[p, f]` for each z of the dispatch, over positions p; result: slices ×
 * elements × filters. Patches are read where they lie in x, so none is ever stored; each value that is read from memory
 * serves a whole tile. `inFours`: channels and filters are multiples of four, so that four lie beside each other.
 */
export function filterGradientProgram(
  { elements, filters, workgroup: [x, y], slices }: FilterGradientPlan,
  { inFours }: { inFours: boolean },
): WebGPUProgram {
  return {
    variableNames: ['x', 'dy'],
    uniforms: 'filterDims : vec2<i32>, pads : vec2<i32>, strides : vec2<i32>, slice : i32,',
    workgroupSize: [x, y, 1],
    outputShape: [slices, elements, filters],
    outputComponent: inFours ? 4 : 1,
    dispatchLayout: { x: [2], y: [1], z: [0] },
    dispatch: [Math.ceil(filters / (own * x)), Math.ceil(elements / (own * y)), slices],
    shaderKey: `veilmarkFilterGradient_${x}_${inFours}`,
    getUserCode: () => filterGradientShader({ x, y, access: inFours ? fours : ones }),
  };
}
