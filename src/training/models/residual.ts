import {
  apply,
  type Architecture,
  chain,
  type Layer,
  logits,
  type Recipe,
  type Symbolic,
} from './recipe.js';

/** A convolution without bias, started as in He et al. (2015), as it stands beside a batch normalisation. */
export function plainConvolution(
  { tf, seed }: Recipe,
  name: string,
  {
    filters,
    kernelSize = 3,
    strides = 1,
  }: { filters: number; kernelSize?: number; strides?: number },
): Layer {
  const kernelInitializer = tf.initializers.heNormal({ seed: seed() });
  const window = { filters, kernelSize, strides, padding: 'same' } as const;
  return tf.layers.conv2d({ name, useBias: false, kernelInitializer, ...window });
}

/** Batch normalisation with PyTorch's constants: ε = 1e-5, a tenth of each batch into the moving statistics. */
export function normalisation({ tf }: Recipe, name: string): Layer {
  return tf.layers.batchNormalization({ name, epsilon: 1e-5, momentum: 0.9 });
}

export function relu({ tf }: Recipe, name: string): Layer {
  return tf.layers.activation({ name, activation: 'relu' });
}

interface Block {
  readonly name: string;
  readonly filters: number;
  readonly strides: number;
}

/** Blocks of residual networks: each stage has twice the filters of the one before and, after the first, half the sides. */
function blocksOf({ stages, width }: { stages: readonly number[]; width: number }): Block[] {
  return stages.flatMap((count, stage) =>
    Array.from({ length: count }, (_, i) => ({
      name: `stage${stage + 1}_block${i + 1}`,
      filters: width * 2 ** stage,
      strides: stage > 0 && i === 0 ? 2 : 1,
    })),
  );
}

/** He et al. (2016), figure 4 e: normalisation and ReLU before each convolution; a 1×1 convolution where the shape changes. */
function preActivationBlock(
  recipe: Recipe,
  input: Symbolic,
  { name, filters, strides }: Block,
): Symbolic {
  const active = chain(input, [
    normalisation(recipe, `${name}_bn1`),
    relu(recipe, `${name}_relu1`),
  ]);
  const isSame = strides === 1 && input.shape.at(-1) === filters;
  const projection = { filters, kernelSize: 1, strides };
  const shortcut = isSame
    ? input
    : apply(plainConvolution(recipe, `${name}_shortcut`, projection), active);
  const branch = chain(active, [
    plainConvolution(recipe, `${name}_conv1`, { filters, strides }),
    normalisation(recipe, `${name}_bn2`),
    relu(recipe, `${name}_relu2`),
    plainConvolution(recipe, `${name}_conv2`, { filters }),
  ]);
  return recipe.tf.layers.add({ name: `${name}_add` }).apply([branch, shortcut]) as Symbolic;
}

/** He et al. (2015): normalisation after each convolution, ReLU after the sum; a normalised 1×1 convolution where the shape changes. */
function basicBlock(recipe: Recipe, input: Symbolic, { name, filters, strides }: Block): Symbolic {
  const isSame = strides === 1 && input.shape.at(-1) === filters;
  const shortcut = isSame
    ? input
    : chain(input, [
        plainConvolution(recipe, `${name}_shortcut`, { filters, kernelSize: 1, strides }),
        normalisation(recipe, `${name}_shortcut_bn`),
      ]);
  const branch = chain(input, [
    plainConvolution(recipe, `${name}_conv1`, { filters, strides }),
    normalisation(recipe, `${name}_bn1`),
    relu(recipe, `${name}_relu1`),
    plainConvolution(recipe, `${name}_conv2`, { filters }),
    normalisation(recipe, `${name}_bn2`),
  ]);
  const sum = recipe.tf.layers.add({ name: `${name}_add` }).apply([branch, shortcut]) as Symbolic;
  return apply(relu(recipe, `${name}_relu2`), sum);
}

function residual({
  block,
  stages,
  width,
}: {
  block: (recipe: Recipe, input: Symbolic, block: Block) => Symbolic;
  stages: readonly number[];
  width: number;
}): Architecture['build'] {
  return (recipe, images) => {
    const isLarge = Math.min(images.shape[1] ?? 0, images.shape[2] ?? 0) >= 128;
    const first = { filters: width, ...(isLarge && { kernelSize: 7, strides: 2 }) };
    const pooling = { name: 'stem_pool', poolSize: 3, strides: 2, padding: 'same' } as const;
    const stem = chain(images, [
      plainConvolution(recipe, 'stem_conv', first),
      normalisation(recipe, 'stem_bn'),
      relu(recipe, 'stem_relu'),
      ...(isLarge ? [recipe.tf.layers.maxPooling2d(pooling)] : []),
    ]);
    const body = blocksOf({ stages, width }).reduce(
      (input, each) => block(recipe, input, each),
      stem,
    );
    const pool = recipe.tf.layers.globalAveragePooling2d({ name: 'pool' });
    return chain(body, [pool, logits(recipe)]);
  };
}

/**
 * `resnet18` is the network of the paper's code: a 3×3 stem, then pre-activation blocks 2-2-2-2 of 64 to 512 filters, no
 * normalisation after the last. Images of 128 pixels and more get the stem of ImageNet, 7×7 of stride 2 and a pooling. `resnet20` is the CIFAR network of He et al. (2015), section 4.2, with 1×1 shortcuts.
 */
export const residualNetworks: readonly Architecture[] = [
  {
    name: 'resnet20',
    description: 'a residual network of 20 layers, 16 to 64 filters (272,000 weights)',
    build: residual({ block: basicBlock, stages: [3, 3, 3], width: 16 }),
  },
  {
    name: 'resnet18',
    description: 'the paper’s: pre-activation blocks, 64 to 512 filters (11 million weights)',
    build: residual({ block: preActivationBlock, stages: [2, 2, 2, 2], width: 64 }),
  },
];
