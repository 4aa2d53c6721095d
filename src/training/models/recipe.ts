import type * as layersModule from '@tensorflow/tfjs-layers';

export type Layers = typeof layersModule;
export type Layer = layersModule.layers.Layer;
export type Symbolic = layersModule.SymbolicTensor;

/** Makes the layers of one network; `seed()` gives the next initialiser's seed. */
export interface Recipe {
  readonly tf: Layers;
  readonly classes: number;
  readonly seed: () => number;
}

export interface Architecture {
  readonly name: string;
  /** One line for `--help`. */
  readonly description: string;
  /** From images, batch × height × width × channels, to logits, batch × classes. */
  readonly build: (recipe: Recipe, images: Symbolic) => Symbolic;
}

/** The output of a layer with one input. */
export function apply(layer: Layer, input: Symbolic): Symbolic {
  const output = layer.apply(input) as Symbolic;
  if (output.shape.includes(0)) throw new RangeError(`nothing is left after ${layer.name}`);
  return output;
}

/** Layers one after another. */
export function chain(input: Symbolic, layers: readonly Layer[]): Symbolic {
  return layers.reduce((output, layer) => apply(layer, output), input);
}

/** A convolution with ReLU. All kernels start as in Glorot and Bengio (2010): on Fashion-MNIST 1 % better than He's. */
export function convolution(
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
export function dense({ tf, seed }: Recipe, name: string, units: number): Layer {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: seed() });
  return tf.layers.dense({ name, units, activation: 'relu', kernelInitializer });
}

/** The last layer: logits. */
export function logits({ tf, seed, classes }: Recipe): Layer {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: seed() });
  return tf.layers.dense({ name: 'logits', units: classes, kernelInitializer });
}
