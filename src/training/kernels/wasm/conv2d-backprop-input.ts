import type { Conv2DBackpropInputAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { backend_util as backendUtil, Conv2DBackpropInput } from '@tensorflow/tfjs-core';

import { Composition } from '../compose.js';
import type { KernelCall } from './kernel.js';
import { wasmKernel } from './kernel.js';

/**
 * Gradient of a convolution by its input: one convolution of stride 1 with the flipped, rearranged filter. In one
 * dimension `dx[p] = Σ W[a] · dy[(p + before − a) / s]` over the a for which s divides, so the input positions of each
 * residue r modulo the stride s read every s-th tap. The residues become channels of one convolution and are then
 * interleaved.
 *
 * dy: batch × rows × columns × filters, filter: height × width × channels × filters; float32, channels last.
 */
function conv2dBackpropInput({
  inputs: { dy, filter },
  attrs: { strides, pad, dataFormat, dimRoundingMode, inputShape },
  backend,
}: KernelCall<{ dy: TensorInfo; filter: TensorInfo }, Conv2DBackpropInputAttrs>): TensorInfo {
  const info = backendUtil.computeConv2DInfo(
    inputShape,
    filter.shape as [number, number, number, number],
    strides,
    1,
    pad,
    dimRoundingMode,
    false,
    backendUtil.convertConv2DDataFormat(dataFormat),
  );
  const { batchSize, inChannels, outChannels } = info;
  const rows = residues({
    input: info.inHeight,
    output: info.outHeight,
    filter: info.filterHeight,
    stride: info.strideHeight,
    before: info.padInfo.top,
  });
  const columns = residues({
    input: info.inWidth,
    output: info.outWidth,
    filter: info.filterWidth,
    stride: info.strideWidth,
    before: info.padInfo.left,
  });
  const [sh, sw] = [info.strideHeight, info.strideWidth];

  const compose = new Composition('wasm', backend);
  const whole = compose.pad(filter, [rows.zeros, columns.zeros, [0, 0], [0, 0]]);
  const parts = compose.reshape(whole, [rows.taps, sh, columns.taps, sw, inChannels, outChannels]);
  const rearranged = compose.reshape(
    compose.transpose(compose.run('Reverse', { x: parts }, { dims: [0, 2] }), [0, 2, 5, 1, 3, 4]),
    [rows.taps, columns.taps, outChannels, sh * sw * inChannels],
  );
  const residuesAsChannels = compose.conv2d(dy, rearranged, [rows.padding, columns.padding]);
  const interleaved =
    sh * sw === 1
      ? residuesAsChannels
      : compose.transpose(
          compose.reshape(residuesAsChannels, [
            batchSize * rows.count,
            columns.count,
            sh,
            sw * inChannels,
          ]),
          [0, 2, 1, 3],
        );
  const dx = compose.slice(
    compose.reshape(interleaved, [batchSize, rows.count * sh, columns.count * sw, inChannels]),
    [0, rows.offset, columns.offset, 0],
    info.inShape,
  );
  return compose.finish(dx);
}

/** How one dimension of the gradient is computed. */
interface Residues {
  /** Zeros around the filter, so that it has `taps` × stride taps and position 0 has residue 0. */
  readonly zeros: [number, number];
  /** Taps of each residue. */
  readonly taps: number;
  /** Padding of dy. */
  readonly padding: [number, number];
  /** Positions of each residue that come out. */
  readonly count: number;
  /** The input's position 0 among those that come out. */
  readonly offset: number;
}

function residues({
  input,
  output,
  filter,
  stride,
  before,
}: {
  input: number;
  output: number;
  filter: number;
  stride: number;
  before: number;
}): Residues {
  const lead = (stride - (before % stride)) % stride;
  const taps = Math.ceil((lead + filter) / stride);
  /** Of the positions of each residue, counted from the padding's first, those that are not computed. */
  const skipped = Math.min((before + lead) / stride, taps - 1);
  const wanted = Math.ceil((before + lead + input) / stride) - skipped;
  const first = taps - 1 - skipped;
  const last = Math.max(0, wanted + skipped - output);
  return {
    zeros: [lead, taps * stride - lead - filter],
    taps,
    padding: [first, last],
    count: output + first + last - taps + 1,
    offset: before + lead - skipped * stride,
  };
}

export const conv2dBackpropInputKernel = wasmKernel(Conv2DBackpropInput, conv2dBackpropInput);
