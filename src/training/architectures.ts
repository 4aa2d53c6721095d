import type * as layersModule from '@tensorflow/tfjs-layers';

import { formatShape, InputError } from '../base/index.js';
import type { ModelSpec } from './engine.js';

type Layers = typeof layersModule;
type Layer = layersModule.layers.Layer;

/** Makes the layers of one network; `seed()` gives the next initialiser's seed. */
interface Recipe {
  readonly tf: Layers;
  readonly classes: number;
  readonly seed: () => number;
}

interface Architecture {
  readonly name: string;
  /** One line for `--help`. */
  readonly description: string;
  readonly layers: (recipe: Recipe) => Layer[];
}

/** A convolution with ReLU. All kernels start as in Glorot and Bengio (2010): on Fashion-MNIST 1 % better than He's. */
function convolution(
  { tf, seed }: Recipe,
  name: string,
  options: { filters: number; kernelSize: number; strides?: number; padding?: 'same' | 'valid' },
): Layer {
  return tf.layers.conv2d({
    name,
    activation: 'relu',
    kernelInitializer: tf.initializers.glorotUniform({ seed: seed() }),
    ...options,
  });
}

/** A dense layer with ReLU. */
function dense({ tf, seed }: Recipe, name: string, units: number): Layer {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: seed() });
  return tf.layers.dense({ name, units, activation: 'relu', kernelInitializer });
}

/** The last layer: logits. */
function logits({ tf, seed, classes }: Recipe): Layer {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: seed() });
  return tf.layers.dense({ name: 'logits', units: classes, kernelInitializer });
}

/**
 * The networks that veilmark can train, in the order of `--help`. Every layer has a name: TensorFlow.js would number the
 * others through the process, and equal models would have unequal files.
 */
export const architectures: readonly Architecture[] = [
  {
    name: 'mlp',
    description: 'one hidden dense layer of 128 (128 ReLUs)',
    layers: (recipe) => [
      recipe.tf.layers.flatten({ name: 'flatten' }),
      dense(recipe, 'dense1', 128),
      logits(recipe),
    ],
  },
  {
    name: 'cnn-small',
    description: 'a convolution of stride 4 and a dense layer (880 ReLUs on 28x28)',
    layers: (recipe) => [
      recipe.tf.layers.zeroPadding2d({ name: 'pad', padding: 1 }),
      convolution(recipe, 'conv1', { filters: 16, kernelSize: 6, strides: 4 }),
      recipe.tf.layers.flatten({ name: 'flatten' }),
      dense(recipe, 'dense1', 96),
      logits(recipe),
    ],
  },
  {
    name: 'cnn-medium',
    description: 'two convolutions of stride 2 (2,328 ReLUs on 28x28)',
    layers: (recipe) => [
      convolution(recipe, 'conv1', { filters: 12, kernelSize: 6, strides: 2 }),
      convolution(recipe, 'conv2', { filters: 24, kernelSize: 4, strides: 2 }),
      recipe.tf.layers.flatten({ name: 'flatten' }),
      logits(recipe),
    ],
  },
  {
    name: 'cnn',
    description: 'two convolutions with max pooling and a dense layer (18,880 ReLUs on 28x28)',
    layers: (recipe) => [
      convolution(recipe, 'conv1', { filters: 16, kernelSize: 3, padding: 'same' }),
      recipe.tf.layers.maxPooling2d({ name: 'pool1', poolSize: 2 }),
      convolution(recipe, 'conv2', { filters: 32, kernelSize: 3, padding: 'same' }),
      recipe.tf.layers.maxPooling2d({ name: 'pool2', poolSize: 2 }),
      recipe.tf.layers.flatten({ name: 'flatten' }),
      dense(recipe, 'dense1', 64),
      logits(recipe),
    ],
  },
];

/**
 * Builds a network with fresh weights: input batch × height × width × channels, output logits batch × classes. The same
 * seed gives the same weights on every backend. A backend must have been selected. Throws `InputError`
 * `architecture.unknown` or `architecture.shape` (an image too small for the network).
 */
export async function buildModel(spec: ModelSpec, seed: number): Promise<layersModule.LayersModel> {
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
  const recipe = { tf, classes: spec.classes, seed: () => seed * 1000 + drawn++ };
  try {
    const input = tf.input({ name: 'image', shape: [height, width, channels] });
    let output = input;
    for (const layer of architecture.layers(recipe)) {
      output = layer.apply(output) as layersModule.SymbolicTensor;
      if (output.shape.includes(0)) throw new RangeError(`nothing is left after ${layer.name}`);
    }
    return tf.model({ name: spec.architecture, inputs: input, outputs: output });
  } catch (cause) {
    throw new InputError({
      code: 'architecture.shape',
      message: `${spec.architecture} cannot take images of ${formatShape(spec.shape)}`,
      hint: 'use larger images or another architecture',
      cause,
    });
  }
}
