import { io, tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-layers';
import { expect } from 'chai';

import type { Image, Shape } from '../../src/base/index.js';
import { SeededStream } from '../../src/crypto/index.js';
import {
  type FloatLayer,
  type FloatModel,
  type IntegerNetwork,
  type NamedWeights,
  quantise,
  type QuantiseOptions,
  readLayers,
  runNetwork,
} from '../../src/network/index.js';

export type Layer = tf.layers.Layer;

/** Numbers in [0, 1) from a seed. */
export function uniform(seed: string): () => number {
  const stream = new SeededStream('test/network', [seed]);
  return () => stream.bytes(4).reduce((sum, byte) => (sum + byte) / 256, 0);
}

export function randomImages(shape: Shape, count: number, seed: string): Image[] {
  const stream = new SeededStream('test/network', [seed, 'images']);
  const size = shape.height * shape.width * shape.channels;
  return Array.from({ length: count }, () => ({ shape, pixels: stream.bytes(size) }));
}

/** Draws every weight anew: kernels of about unit gain, also negative offsets, variances above 0. */
export function drawWeights(model: tf.LayersModel, seed: string): void {
  const next = uniform(seed);
  for (const layer of model.layers) {
    const drawn = layer.weights.map(({ name, shape }) => {
      const sides = shape as number[];
      const size = sides.reduce((a, b) => a * b, 1);
      const fanIn = sides.length > 1 ? size / sides.at(-1)! : 1;
      const value = (): number => {
        if (/variance|gamma/.test(name)) return 0.5 + next();
        return (2 * next() - 1) * (sides.length > 1 ? Math.sqrt(3 / fanIn) : 0.5);
      };
      return tensor(Float32Array.from({ length: size }, value), sides);
    });
    if (drawn.length > 0) layer.setWeights(drawn);
    for (const one of drawn) one.dispose();
  }
}

export interface Saved {
  /** A copy that a test may change. */
  readonly topology: Topology;
  readonly weights: readonly NamedWeights[];
}

interface Topology {
  class_name: string;
  config: {
    layers: { class_name: string; config: Record<string, unknown>; inbound_nodes: unknown[][][] }[];
    output_layers?: unknown;
  };
}

/** A model as its files have it. */
export async function saved(model: tf.LayersModel): Promise<Saved> {
  const artifacts: io.ModelArtifacts[] = [];
  await model.save(
    io.withSaveHandler((artifact) => {
      artifacts.push(artifact);
      const modelArtifactsInfo = { dateSaved: new Date(0), modelTopologyType: 'JSON' as const };
      return Promise.resolve({ modelArtifactsInfo });
    }),
  );
  const { modelTopology, weightData, weightSpecs } = artifacts[0]!;
  const data =
    weightData instanceof ArrayBuffer
      ? weightData
      : Buffer.concat(weightData!.map((one) => Buffer.from(one))).buffer;
  let at = 0;
  const weights = weightSpecs!.map(({ name, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    at += 4 * size;
    return { name, shape, data: new Float32Array(data, at - 4 * size, size) };
  });
  const topology = JSON.parse(JSON.stringify(modelTopology)) as Topology;
  // TensorFlow.js forgets it of separable layers; Keras writes it.
  for (const { class_name: kind, config } of topology.config.layers) {
    const kernel = weights.find(
      ({ name }) => name === `${String(config['name'])}/depthwise_kernel`,
    );
    if (kind === 'SeparableConv2D') config['depth_multiplier'] ??= kernel?.shape[3];
  }
  return { topology, weights };
}

export async function layersOf(model: tf.LayersModel): Promise<FloatLayer[]> {
  const { topology, weights } = await saved(model);
  return readLayers(topology, weights);
}

/** Preprocessing with another mean and deviation for each channel. */
export function preprocessing(channels: number): FloatModel['preprocessing'] {
  const all = { mean: [0.5, 0.1, 0.3], std: [0.5, 0.7, 0.4] };
  return { mean: all.mean.slice(0, channels), std: all.std.slice(0, channels) };
}

export function shapeOf(model: tf.LayersModel): Shape {
  const [, height = 0, width = 0, channels = 0] = model.inputs[0]!.shape as number[];
  return { height, width, channels };
}

/** The layers as an integer network, calibrated on some images. */
export function quantised(
  layers: readonly FloatLayer[],
  images: readonly Image[],
  options: Partial<QuantiseOptions> = {},
): IntegerNetwork {
  const digest = new Uint8Array(32);
  return quantise(
    { layers, preprocessing: preprocessing(images[0]!.shape.channels), digest },
    {
      A: 14,
      S: 14,
      calibration: { digest, images: images.length },
      scales: { kind: 'measure', images, headroom: 1.5 },
      ...options,
    },
  );
}

/** The logits that TensorFlow gives. A softmax at the end must be left out by the caller. */
export function floatLogits(model: tf.LayersModel, { shape, pixels }: Image): number[] {
  const { mean, std } = preprocessing(shape.channels);
  const values = Float32Array.from(pixels, (pixel, e) => {
    const c = e % shape.channels;
    return (pixel / 255 - mean[c]!) / std[c]!;
  });
  const input = tensor(values, [1, shape.height, shape.width, shape.channels]);
  const output = model.predict(input) as ReturnType<typeof tensor>;
  const logits = [...output.dataSync()];
  input.dispose();
  output.dispose();
  return logits;
}

/** The scales that a network’s file carries: with them a reader makes it again, without the images. */
export function scalesOf({ nodes }: IntegerNetwork): Float64Array[] {
  return nodes.flatMap((node) => (node.kind === 'relu' ? [node.scales] : []));
}

/** Expects that the scales in its file give a network again to the byte. */
function expectSameFromScales(
  layers: readonly FloatLayer[],
  images: readonly Image[],
  network: IntegerNetwork,
): void {
  const scales = { kind: 'given', scales: scalesOf(network) } as const;
  const again = quantised(layers, images, { scales });
  expect(Buffer.from(again.bytes).equals(network.bytes)).to.be.true;
}

/** Expects that the integer network’s logits are those of TensorFlow, up to its rounding; gives the network. */
export async function expectClose(
  model: tf.LayersModel,
  seed: string,
  floats: (image: Image) => number[] = (image) => floatLogits(model, image),
): Promise<IntegerNetwork> {
  const images = randomImages(shapeOf(model), 4, seed);
  const layers = await layersOf(model);
  const network = quantised(layers, images);
  expectSameFromScales(layers, images, network);
  for (const image of images) {
    const { logits, inRange } = runNetwork(network, image);
    const expected = floats(image);
    expect(inRange).to.be.true;
    const size = Math.max(...expected.map(Math.abs), 0.1);
    [...logits].forEach((logit, k) => {
      expect((logit * network.logitScale) / size).to.be.closeTo(expected[k]! / size, 0.01);
    });
  }
  return network;
}

export function apply(layer: Layer, x: tf.SymbolicTensor): tf.SymbolicTensor {
  return layer.apply(x) as tf.SymbolicTensor;
}

export function chain(x: tf.SymbolicTensor, ...list: Layer[]): tf.SymbolicTensor {
  return list.reduce((y, layer) => apply(layer, y), x);
}

export function add(...tensors: tf.SymbolicTensor[]): tf.SymbolicTensor {
  return tf.layers.add().apply(tensors) as tf.SymbolicTensor;
}

export function join(...tensors: tf.SymbolicTensor[]): tf.SymbolicTensor {
  return tf.layers.concatenate().apply(tensors) as tf.SymbolicTensor;
}
