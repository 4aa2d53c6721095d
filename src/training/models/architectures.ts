import {
  type Architecture,
  chain,
  convolution,
  dense,
  type Layer,
  logits,
  type Recipe,
} from './recipe.js';
import { normalisation, plainConvolution, relu, residualNetworks } from './residual.js';

/**
 * The networks that veilmark can train, in the order of `--help`. Every layer has a name: TensorFlow.js would number the
 * others through the process, and equal models would have unequal files.
 */
export const architectures: readonly Architecture[] = [
  {
    name: 'mlp',
    description: 'one hidden dense layer of 128 (128 ReLUs)',
    build: (recipe, images) =>
      chain(images, [
        recipe.tf.layers.flatten({ name: 'flatten' }),
        dense(recipe, 'dense1', 128),
        logits(recipe),
      ]),
  },
  {
    name: 'cnn-small',
    description: 'a convolution of stride 4 and a dense layer (880 ReLUs on 28x28)',
    build: (recipe, images) =>
      chain(images, [
        recipe.tf.layers.zeroPadding2d({ name: 'pad', padding: 1 }),
        convolution(recipe, 'conv1', { filters: 16, kernelSize: 6, strides: 4 }),
        recipe.tf.layers.flatten({ name: 'flatten' }),
        dense(recipe, 'dense1', 96),
        logits(recipe),
      ]),
  },
  {
    name: 'cnn-medium',
    description: 'two convolutions of stride 2 (2,328 ReLUs on 28x28)',
    build: (recipe, images) =>
      chain(images, [
        convolution(recipe, 'conv1', { filters: 12, kernelSize: 6, strides: 2 }),
        convolution(recipe, 'conv2', { filters: 24, kernelSize: 4, strides: 2 }),
        recipe.tf.layers.flatten({ name: 'flatten' }),
        logits(recipe),
      ]),
  },
  {
    name: 'cnn',
    description: 'two convolutions with max pooling and a dense layer (18,880 ReLUs on 28x28)',
    build: (recipe, images) =>
      chain(images, [
        convolution(recipe, 'conv1', { filters: 16, kernelSize: 3, padding: 'same' }),
        recipe.tf.layers.maxPooling2d({ name: 'pool1', poolSize: 2 }),
        convolution(recipe, 'conv2', { filters: 32, kernelSize: 3, padding: 'same' }),
        recipe.tf.layers.maxPooling2d({ name: 'pool2', poolSize: 2 }),
        recipe.tf.layers.flatten({ name: 'flatten' }),
        dense(recipe, 'dense1', 64),
        logits(recipe),
      ]),
  },
  {
    name: 'lenet5',
    description: 'LeCun et al. (1998) with ReLUs and max pooling (6,508 ReLUs on 28x28)',
    build: (recipe, images) =>
      chain(images, [
        convolution(recipe, 'conv1', { filters: 6, kernelSize: 5, padding: 'same' }),
        recipe.tf.layers.maxPooling2d({ name: 'pool1', poolSize: 2 }),
        convolution(recipe, 'conv2', { filters: 16, kernelSize: 5 }),
        recipe.tf.layers.maxPooling2d({ name: 'pool2', poolSize: 2 }),
        recipe.tf.layers.flatten({ name: 'flatten' }),
        dense(recipe, 'dense1', 120),
        dense(recipe, 'dense2', 84),
        logits(recipe),
      ]),
  },
  {
    name: 'vgg11',
    description: 'Simonyan and Zisserman (2015), A, with batch normalisation (9 million weights)',
    build: (recipe, images) =>
      chain(images, [
        ...vggLayers(recipe, [[64], [128], [256, 256], [512, 512], [512, 512]]),
        recipe.tf.layers.globalAveragePooling2d({ name: 'pool' }),
        logits(recipe),
      ]),
  },
  ...residualNetworks,
];

/** Stages of normalised 3×3 convolutions, each with max pooling behind it. */
function vggLayers(recipe: Recipe, stages: readonly (readonly number[])[]): Layer[] {
  return stages.flatMap((widths, stage) => [
    ...widths.flatMap((filters, i) => {
      const name = `stage${stage + 1}_conv${i + 1}`;
      return [
        plainConvolution(recipe, name, { filters }),
        normalisation(recipe, `${name}_bn`),
        relu(recipe, `${name}_relu`),
      ];
    }),
    recipe.tf.layers.maxPooling2d({
      name: `stage${stage + 1}_pool`,
      poolSize: 2,
      padding: 'same',
    }),
  ]);
}
