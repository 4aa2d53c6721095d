import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { Conv2DBackpropInputAttrs, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { backend_util as backendUtil, Conv2DBackpropInput } from '@tensorflow/tfjs-core';

import { fours, inputGradientShader, ones } from './input-gradient-shader.js';
import { wrappedKernel } from './kernel.js';
import { own } from './wgsl.js';

/** Most workgroups along one dimension of a dispatch that every device allows is 65535; a round number below. */
const mostAlongY = 2 ** 15;

/**
 * Gradient of a convolution by its input. In one dimension `dx[i] = Σ W[a] · dy[(i + before − a) / s]` over the a for
 * which s divides, so the positions of each residue modulo the stride s take the same taps: one matrix product for each
 * residue, of gathered dy with those taps, in tiles. The backend's own kernel asks at each position, for each tap, whether s
 * divides, and loads every weight anew for two results.
 *
 * dy: batch × rows × columns × filters, filter: height × width × channels × filters; float32, channels last. Other layouts
 * go to the backend's kernel.
 */
export function conv2dBackpropInputKernel(): KernelConfig {
  return wrappedKernel<{ dy: TensorInfo; filter: TensorInfo }, Conv2DBackpropInputAttrs>(
    Conv2DBackpropInput,
    (original) => (call) => {
      const {
        inputs: { dy, filter },
        attrs: { strides, pad, dataFormat, dimRoundingMode, inputShape },
        backend,
      } = call;
      if (dataFormat !== 'NHWC') return original(call);
      const info = backendUtil.computeConv2DInfo(
        inputShape,
        filter.shape as [number, number, number, number],
        strides,
        1,
        pad,
        dimRoundingMode,
      );
      const dx = backend.makeTensorInfo(info.inShape, 'float32');
      const rows = residues({
        input: info.inHeight,
        filter: info.filterHeight,
        stride: info.strideHeight,
        before: info.padInfo.top,
      });
      const columns = residues({
        input: info.inWidth,
        filter: info.filterWidth,
        stride: info.strideWidth,
        before: info.padInfo.left,
      });
      const inFours = info.inChannels % 4 === 0 && info.outChannels % 4 === 0;
      for (const row of rows) {
        for (const column of columns) {
          const positions = info.batchSize * row.places * column.places;
          const program = inputGradientProgram({ outputShape: info.inShape, positions, inFours });
          const pairs = [
            [info.strideHeight, info.strideWidth],
            [row.residue, column.residue],
            [row.places, column.places],
            [row.firstTap, column.firstTap],
            [row.taps, column.taps],
            [row.origin, column.origin],
          ];
          const uniforms = pairs.map((data) => ({ type: 'int32', data }));
          backend.runWebGPUProgram(program, [dy, filter], 'float32', uniforms, dx);
        }
      }
      return dx;
    },
  );
}

/** The input positions of one residue modulo the stride, in one dimension. */
interface Residue {
  readonly residue: number;
  /** How many there are. */
  readonly places: number;
  /** The taps that they read: every stride-th from the first. */
  readonly firstTap: number;
  readonly taps: number;
  /** The position of dy that the first of them reads with the first tap; the next tap reads the one before. */
  readonly origin: number;
}

function residues({
  input,
  filter,
  stride,
  before,
}: {
  input: number;
  filter: number;
  stride: number;
  before: number;
}): Residue[] {
  return Array.from({ length: Math.min(stride, input) }, (_, residue) => {
    const firstTap = (residue + before) % stride;
    return {
      residue,
      places: Math.ceil((input - residue) / stride),
      firstTap,
      taps: Math.max(0, Math.ceil((filter - firstTap) / stride)),
      origin: (residue + before - firstTap) / stride,
    };
  });
}

function inputGradientProgram({
  outputShape,
  positions,
  inFours,
}: {
  outputShape: [number, number, number, number];
  positions: number;
  inFours: boolean;
}): WebGPUProgram {
  const channels = outputShape[3];
  const [x, y] = channels <= 16 ? [4, 16] : [8, 8];
  const tiles = Math.ceil(positions / (own * y));
  const alongY = Math.min(tiles, mostAlongY);
  return {
    variableNames: ['dy', 'filters'],
    uniforms: ['strides', 'residue', 'places', 'firstTap', 'taps', 'origin']
      .map((name) => `${name} : vec2<i32>,`)
      .join(' '),
    workgroupSize: [x, y, 1],
    outputShape,
    outputComponent: inFours ? 4 : 1,
    dispatchLayout: { x: [3], y: [1, 2], z: [0] },
    dispatch: [Math.ceil(channels / (own * x)), alongY, Math.ceil(tiles / alongY)],
    shaderKey: `veilmarkInputGradient_${x}_${inFours}`,
    getUserCode: () => inputGradientShader({ x, y, access: inFours ? fours : ones }),
  };
}
