import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';

import { InputError } from '../../base/index.js';
import { selectBackend } from '../backend.js';
import type { ModelSpec, NamedArray } from '../engine.js';
import { buildModel } from './build.js';
import { topologyName, withClasses } from './topology.js';

/** A layer that has weights, with the names of these. */
export interface WeightedLayer {
  readonly name: string;
  /** `Dense`, `Conv2D`, `BatchNormalization`, … */
  readonly kind: string;
  readonly weights: readonly string[];
}

/** The layers of a network that have weights, from the images on; the last one is the head. Throws as `buildModel` does. */
export async function weightedLayers(spec: ModelSpec): Promise<WeightedLayer[]> {
  return withModel(spec, 0, (model) =>
    model.layers
      .filter((layer) => layer.weights.length > 0)
      .map((layer) => ({
        name: layer.name,
        kind: layer.getClassName(),
        weights: layer.weights.map((weight) => weight.originalName),
      })),
  );
}

/** The weights that a network starts with. Throws as `buildModel` does. */
export async function freshWeights(spec: ModelSpec, seed: number): Promise<NamedArray[]> {
  return withModel(spec, seed, (model) =>
    model.weights.map((weight) => {
      const value = weight.read();
      return {
        name: weight.originalName,
        shape: value.shape,
        data: value.dataSync<'float32'>().slice(),
      };
    }),
  );
}

/** The same body under a head for another number of classes. Throws `InputError` `model.head`. */
export function withHead(spec: ModelSpec, classes: number): ModelSpec {
  if (spec.topology === undefined) return { ...spec, classes };
  const topology = withClasses(spec.topology, classes);
  return { ...spec, topology, classes, architecture: topologyName(topology) };
}

/**
 * The network up to a layer, whose output is the mean of each of that layer's channels over the image. It takes the weights of
 * the whole network by their names. Throws `InputError` `model.layer` for a layer that is not there.
 */
export async function channelMeans(spec: ModelSpec, layerName: string): Promise<ModelSpec> {
  const tf = await import('@tensorflow/tfjs-layers');
  return withModel(spec, 0, (model) => {
    const layer = model.layers.find(({ name }) => name === layerName);
    if (layer === undefined) {
      throw new InputError({ code: 'model.layer', message: `there is no layer ${layerName}` });
    }
    const output = layer.output as SymbolicTensor;
    const means =
      output.shape.length === 4
        ? (tf.layers
            .globalAveragePooling2d({ name: 'channel_means' })
            .apply(output) as SymbolicTensor)
        : output;
    const part = tf.model({ inputs: model.inputs, outputs: means });
    const topology = part.toJSON(undefined, false) as unknown as object;
    const classes = means.shape.at(-1) ?? 0;
    return { ...spec, topology, classes, architecture: topologyName(topology) };
  });
}

/** Builds a network, uses it and lets go of it. A backend is started where none has been. */
async function withModel<T>(
  spec: ModelSpec,
  seed: number,
  use: (model: LayersModel) => T,
): Promise<T> {
  const { getBackend } = await import('@tensorflow/tfjs-core');
  if (!getBackend()) await selectBackend('wasm');
  const model = await buildModel(spec, seed);
  try {
    return use(model);
  } finally {
    model.dispose();
  }
}
