/** The networks of `npm run bench white-box`: seeded weights as before training, calibrated on abstract images. */
import type * as layersModule from '@tensorflow/tfjs-layers';

import { parseShape, type Shape } from '../src/base/index.js';
import { SeededStream } from '../src/crypto/index.js';
import { type IntegerNetwork, quantise, readLayers, sizesOf } from '../src/network/index.js';
import { buildModel } from '../src/training/models/build.js';
import { selectBackend } from '../src/training/backend.js';
import { imagesFromSecret } from '../src/triggers/index.js';

type Layers = typeof layersModule;
type Layer = layersModule.layers.Layer;

export interface BenchNetwork {
  readonly name: string;
  readonly network: IntegerNetwork;
  /** Of weights with inputs in one run. */
  readonly multiplications: number;
}

/** Bits of outputs and remainders. */
const precision = { A: 10, S: 10 } as const;
const classes = 10;
const calibrationImages = 16;
/** Much of it, so that hardly any image leaves its range: precision costs nothing and is of no matter here. */
const headroom = 4;

const grey = parseShape('28x28x1');
const colour = parseShape('32x32x3');

/** Makes the networks of the first table, one after another. */
export async function* realNetworks(): AsyncGenerator<BenchNetwork> {
  for (const architecture of ['cnn-small', 'cnn-medium', 'cnn']) {
    await selectBackend('wasm');
    const preprocessing = { mean: [0.5], std: [0.5] };
    const model = await buildModel({ architecture, shape: grey, classes, preprocessing }, 1);
    yield integer(architecture, model, grey);
  }
  yield await layered('mlp 784-512-512-10', grey, ({ layers }, kernel) => [
    layers.flatten({ name: 'flatten' }),
    layers.dense({ name: 'dense1', units: 512, activation: 'relu', ...kernel(1) }),
    layers.dense({ name: 'dense2', units: 512, activation: 'relu', ...kernel(2) }),
  ]);
  yield await layered('CIFAR-10 CNN', colour, ({ layers }, kernel) => {
    const conv = (place: number, filters: number): Layer =>
      layers.conv2d({
        ...{ name: `conv${place}`, filters, kernelSize: 3, padding: 'same', activation: 'relu' },
        ...kernel(place),
      });
    return [
      ...[conv(1, 32), conv(2, 32), layers.maxPooling2d({ name: 'pool1', poolSize: 2 })],
      ...[conv(3, 64), conv(4, 64), layers.maxPooling2d({ name: 'pool2', poolSize: 2 })],
      layers.flatten({ name: 'flatten' }),
      layers.dense({ name: 'dense1', units: 512, activation: 'relu', ...kernel(5) }),
    ];
  });
}

/** Makes three networks of 1,024 neurons: with some multiplications, ten times as many, and a hundred times. */
export async function* equalNetworks(): AsyncGenerator<BenchNetwork> {
  const conv =
    (kernelSize: [number, number]): Recipe =>
    ({ layers }, kernel) => [
      layers.conv2d({
        ...{ name: 'conv1', filters: 16, kernelSize, strides: 4, padding: 'same' },
        ...{ activation: 'relu', ...kernel(1) },
      }),
      layers.flatten({ name: 'flatten' }),
    ];
  yield await layered('conv 7×1, stride 4', colour, conv([7, 1]));
  yield await layered('conv 10×10, stride 4', colour, conv([10, 10]));
  yield await layered('dense 3072-1024', colour, ({ layers }, kernel) => [
    layers.flatten({ name: 'flatten' }),
    layers.dense({ name: 'dense1', units: 1024, activation: 'relu', ...kernel(1) }),
  ]);
}

type Kernel = (seed: number) => {
  kernelInitializer: ReturnType<Layers['initializers']['glorotUniform']>;
};
type Recipe = (tf: Layers, kernel: Kernel) => Layer[];

/** A network of some layers and the logits. */
async function layered(name: string, shape: Shape, recipe: Recipe): Promise<BenchNetwork> {
  await selectBackend('wasm');
  const tf = await import('@tensorflow/tfjs-layers');
  const kernel: Kernel = (seed) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed }) });
  const input = tf.input({ name: 'image', shape: [shape.height, shape.width, shape.channels] });
  const last = tf.layers.dense({ name: 'logits', units: classes, ...kernel(99) });
  let output = input;
  for (const layer of [...recipe(tf, kernel), last]) {
    output = layer.apply(output) as layersModule.SymbolicTensor;
  }
  return integer(name, tf.model({ inputs: input, outputs: output }), shape);
}

/** The integer network of a model, which is disposed of. */
function integer(name: string, model: layersModule.LayersModel, shape: Shape): BenchNetwork {
  const weights = model.weights.map((weight) => {
    const value = weight.read();
    return { name: weight.originalName, shape: value.shape, data: value.dataSync() };
  });
  const layers = readLayers(model.toJSON(undefined, false) as object, weights);
  model.dispose();
  const half = new Array<number>(shape.channels).fill(0.5);
  const secret = new SeededStream('bench/white-box-calibration', []).bytes(32);
  const images = imagesFromSecret({ secret, count: calibrationImages, shape });
  const network = quantise(
    { layers, preprocessing: { mean: half, std: half }, digest: new Uint8Array(32) },
    {
      ...precision,
      calibration: { digest: new Uint8Array(32), images: images.length },
      scales: { kind: 'measure', images, headroom },
    },
  );
  return { name, network, multiplications: sizesOf(network.nodes).multiplications };
}
