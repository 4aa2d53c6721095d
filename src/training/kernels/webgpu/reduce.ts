import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelConfig, SumAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { Mean, Sum, util } from '@tensorflow/tfjs-core';

import { Composition } from '../compose.js';
import { wrappedKernel } from './kernel.js';

/** Numbers that one thread adds up. More make a chain of reads that nothing hides, fewer another pass over the rest. */
const perThread = 64;
const workgroupSize = 64;

/**
 * Sums and means over axes that lie beside each other and are not the last, such as those of batch normalisation and of
 * a bias's gradient, in passes of 64 to 1. The backend's own kernels first transpose the whole tensor, and then give each
 * result one workgroup: few large ones for a few channels, or thousands of idle ones for few rows.
 *
 * Others go to the backend's kernels, and so do tensors that are not float32.
 */
export function reduceKernels(): KernelConfig[] {
  return [reduceKernel(Sum), reduceKernel(Mean)];
}

function reduceKernel(kernelName: typeof Sum | typeof Mean): KernelConfig {
  return wrappedKernel<{ x: TensorInfo }, SumAttrs>(kernelName, (original) => (call) => {
    const {
      inputs: { x },
      attrs: { axis, keepDims },
      backend,
    } = call;
    const axes = util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
    const [first = 0, last = 0] = [axes[0], axes.at(-1)];
    const size = util.sizeFromShape(x.shape);
    const besideEachOther = axes.length > 0 && last - first === axes.length - 1;
    if (!besideEachOther || last === x.shape.length - 1 || x.dtype !== 'float32' || size === 0) {
      return original(call);
    }
    const outer = util.sizeFromShape(x.shape.slice(0, first));
    const inner = util.sizeFromShape(x.shape.slice(last + 1));
    const count = size / (outer * inner);
    const compose = new Composition('webgpu', backend);
    let rows = count;
    let sums = compose.reshape(x, [outer, rows, inner]);
    do {
      const groups = Math.ceil(rows / perThread);
      const scale = groups === 1 && kernelName === Mean ? 1 / count : 1;
      sums = compose.made(
        backend.runWebGPUProgram(sumProgram([outer, groups, inner]), [sums], 'float32', [
          { type: 'int32', data: [rows] },
          { type: 'float32', data: [scale] },
        ]),
      );
      rows = groups;
    } while (rows > 1);
    const kept = keepDims ? axes.map(() => 1) : [];
    const shape = [...x.shape.slice(0, first), ...kept, ...x.shape.slice(last + 1)];
    return compose.finish(compose.reshape(sums, shape));
  });
}

/**
 * From x: outer × rows × inner to outer × groups × inner. Group g sums the rows g, g + groups, …, so that threads beside
 * each other read numbers beside each other.
 */
function sumProgram(outputShape: [outer: number, groups: number, inner: number]): WebGPUProgram {
  return {
    variableNames: ['x'],
    uniforms: 'rows : i32, scale : f32,',
    workgroupSize: [workgroupSize, 1, 1],
    outputShape,
    size: true,
    dispatchLayout: { x: [0, 1, 2] },
    dispatch: [Math.ceil(util.sizeFromShape(outputShape) / workgroupSize), 1, 1],
    shaderKey: 'veilmarkSum',
    getUserCode: () => `
  fn main(index : i32) {
    if (index < uniforms.size) {
      let groups = uniforms.outShape.y;
      let inner = uniforms.outShape.z;
      let group = index / inner % groups;
      let start = index / (inner * groups) * uniforms.rows * inner + index % inner;
      var sum = 0.0;
      for (var row = group; row < uniforms.rows; row += groups) {
        sum += x[start + row * inner];
      }
      result[index] = sum * uniforms.scale;
    }
  }
  `,
  };
}
