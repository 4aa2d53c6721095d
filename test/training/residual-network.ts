import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import * as layers from '@tensorflow/tfjs-layers';

let drawn = 0;

function convolution(x: SymbolicTensor, filters: number, kernelSize: number, strides = 1) {
  const kernelInitializer = layers.initializers.heNormal({ seed: ++drawn });
  const padding = 'same';
  const made = {
    filters,
    kernelSize,
    strides,
    padding,
    useBias: false,
    kernelInitializer,
  } as const;
  return layers.layers
    .batchNormalization()
    .apply(layers.layers.conv2d(made).apply(x)) as SymbolicTensor;
}

const relu = (x: SymbolicTensor): SymbolicTensor => layers.layers.reLU().apply(x) as SymbolicTensor;

/** Two 3 × 3 convolutions beside a projection of stride 2, with batch normalisation. */
function block(x: SymbolicTensor, filters: number): SymbolicTensor {
  const deep = convolution(relu(convolution(x, filters, 3, 2)), filters, 3);
  return relu(layers.layers.add().apply([deep, convolution(x, filters, 1, 2)]) as SymbolicTensor);
}

/**
 * All that ResNets are made of, on the current backend: a stem of stride 2, max pooling, batch normalisation, projections,
 * global average pooling. Gives one step's gradients of all weights, and the moving averages after it, by their order.
 */
export async function gradientsOfResidualNetwork(): Promise<Record<string, number[]>> {
  drawn = 0;
  const image = layers.input({ shape: [17, 17, 3] });
  const stem = relu(convolution(image, 8, 7, 2));
  const pooled = layers.layers
    .maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' })
    .apply(stem) as SymbolicTensor;
  const features = layers.layers.globalAveragePooling2d({}).apply(block(block(pooled, 8), 12));
  const kernelInitializer = layers.initializers.glorotUniform({ seed: ++drawn });
  const outputs = layers.layers.dense({ units: 5, kernelInitializer }).apply(features);
  const model = layers.model({ inputs: image, outputs: outputs as SymbolicTensor });
  const variables = model.trainableWeights.map((weight) => weight.read()).filter(isVariable);
  const { value, grads } = tf.tidy(() =>
    tf.variableGrads(() => {
      const x = tf.randomNormal([4, 17, 17, 3], 0, 1, 'float32', 7);
      const logits = model.apply(x, { training: true }) as Tensor;
      const wanted = tf.oneHot([0, 3, 1, 4], 5);
      return tf.neg(tf.sum(tf.mul(wanted, tf.logSoftmax(logits)))) as Scalar;
    }, variables),
  );
  const named: [string, Tensor][] = [
    ['loss', value],
    ...variables.map((variable, i): [string, Tensor] => [`gradient ${i}`, grads[variable.name]!]),
    ...model.nonTrainableWeights.map((w, i): [string, Tensor] => [`average ${i}`, w.read()]),
  ];
  const values: Record<string, number[]> = {};
  for (const [name, tensor] of named) values[name] = [...(await tensor.data<'float32'>())];
  tf.dispose([value, grads]);
  model.dispose();
  return values;
}

function isVariable(tensor: Tensor): tensor is Variable {
  return tensor instanceof tf.Variable;
}
