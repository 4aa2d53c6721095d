import type { LayersModel } from '@tensorflow/tfjs-layers';

import { formatShape, InputError } from '../../base/index.js';
import type { ModelSpec } from '../engine.js';
import { architectures } from './architectures.js';
import type { Recipe } from './recipe.js';
import { seededTopology } from './topology.js';

/**
 * Builds a network with fresh weights: input batch × height × width × channels, output logits batch × classes. The same
 * seed gives the same weights on every backend. A backend must have been selected. Throws `InputError`
 * `architecture.unknown`, `architecture.shape` (an image too small for the network), or `model.load` for a topology that
 * TensorFlow refuses.
 */
export async function buildModel(spec: ModelSpec, seed: number): Promise<LayersModel> {
  return spec.topology === undefined
    ? buildNamed(spec, seed)
    : layersModelOf(seededTopology(spec.topology, seed));
}

/** A network of TensorFlow's own description. Throws `InputError` `model.load`. */
async function layersModelOf(topology: object): Promise<LayersModel> {
  const { io } = await import('@tensorflow/tfjs-core');
  const { loadLayersModel } = await import('@tensorflow/tfjs-layers');
  try {
    const model = await loadLayersModel(io.fromMemory({ modelTopology: topology }));
    for (const layer of model.layers) layer.trainable = true; // frozen layers are the last trainer's business
    return model;
  } catch (cause) {
    throw new InputError({
      code: 'model.load',
      message: `TensorFlow refuses the network: ${(cause as Error).message.slice(0, 300)}`,
      hint: 'use a model of the TensorFlow.js layers format without layers of your own (docs/training.md)',
      cause,
    });
  }
}

async function buildNamed(spec: ModelSpec, seed: number): Promise<LayersModel> {
  const architecture = architectures.find(({ name }) => name === spec.architecture);
  if (architecture === undefined) {
    throw new InputError({
      code: 'architecture.unknown',
      message: `there is no architecture ${JSON.stringify(spec.architecture)}`,
      hint: `choose one of ${architectures.map(({ name }) => name).join(', ')}`,
    });
  }
  const tf = await import('@tensorflow/tfjs-layers');
  const { height, width, channels } = spec.shape;
  let drawn = 0;
  const recipe: Recipe = { tf, classes: spec.classes, seed: () => seed * 1000 + drawn++ };
  try {
    const inputs = tf.input({ name: 'image', shape: [height, width, channels] });
    const outputs = architecture.build(recipe, inputs);
    return tf.model({ name: spec.architecture, inputs, outputs });
  } catch (cause) {
    throw new InputError({
      code: 'architecture.shape',
      message: `${spec.architecture} cannot take images of ${formatShape(spec.shape)}`,
      hint: 'use larger images or another architecture',
      cause,
    });
  }
}
