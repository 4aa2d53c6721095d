import { hexBytes, type Image, InputError } from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import {
  classOf,
  type FloatLayer,
  type FloatModel,
  type IntegerNetwork,
  quantise,
  readLayers,
  runNetwork,
} from '../network/index.js';
import { unpackArrays } from './arrays.js';
import { argmax, type Predictor } from './evaluate.js';
import { type ModelFiles, readModelFiles } from './model-files.js';
import { specFromJson } from './options-json.js';

type OnProgress = (done: number, total: number) => void;

/** How to turn a model folder into an integer network. */
export interface QuantiseFolderOptions {
  /** Bits of an output and of a remainder. */
  readonly A?: number;
  readonly S?: number;
  /** Images on which the range of every neuron is measured. */
  readonly images: readonly Image[];
  /** Room above the greatest value measured. */
  readonly headroom?: number;
  readonly onProgress?: OnProgress | undefined;
}

/** On how many images a network and its float model give the same class. */
export interface Fidelity {
  readonly agreed: number;
  readonly asked: number;
  /** Images on which a value left its bits; they count as not agreed. */
  readonly outOfRange: number;
}

/** Images whose classes are asked for at a time. */
const batchSize = 250;

/**
 * The integer network of a model folder, with scales measured on images. Throws as `readModelFiles` and `quantise` do;
 * `InputError` `network.layer` for weights that are not 32-bit floats, `network.images` where there is no image.
 */
export async function quantiseFolder(
  folder: string,
  { A = 10, S = 10, images, headroom = 1.5, onProgress }: QuantiseFolderOptions,
): Promise<IntegerNetwork> {
  if (images.length === 0) {
    throw new InputError({
      code: 'network.images',
      message: 'there is no image on which the ranges of neurons could be measured',
    });
  }
  const calibration = { digest: calibrationDigest(images), images: images.length };
  const scales = { kind: 'measure', images, headroom } as const;
  return quantise(await readFloatModel(folder), { A, S, calibration, scales, onProgress });
}

/**
 * The same with the scales that a network has: what the network is, if every integer in it is the nearest to the float model’s.
 * Throws as `quantiseFolder` does, and `InputError` `network.scale` for scales that are not of this model.
 */
export async function rescaleFolder(
  folder: string,
  { A, S, calibration, nodes }: IntegerNetwork,
): Promise<IntegerNetwork> {
  const scales = nodes.flatMap((node) => (node.kind === 'relu' ? [node.scales] : []));
  return quantise(await readFloatModel(folder), {
    ...{ A, S, calibration },
    scales: { kind: 'given', scales },
  });
}

/** Names the images of a calibration: their shape and all their bytes, in order. 32 bytes. */
export function calibrationDigest(images: readonly Image[]): Uint8Array {
  const { height, width, channels } = images[0]?.shape ?? { height: 0, width: 0, channels: 0 };
  const pixels = images.map((image) => image.pixels);
  return taggedHash('veilmark/calibration/1', [height, width, channels, ...pixels]);
}

/**
 * Compares the class that a network gives with the float model's most likely one, the first of equal ones. A model that answers
 * with something other than numbers does not agree. Throws as `runNetwork` does.
 */
export async function measureFidelity(
  network: IntegerNetwork,
  predictor: Predictor,
  images: readonly Image[],
  onProgress?: OnProgress,
): Promise<Fidelity> {
  let [agreed, outOfRange] = [0, 0];
  for (let start = 0; start < images.length; start += batchSize) {
    const part = images.slice(start, start + batchSize);
    const pixels = new Uint8Array(Buffer.concat(part.map((image) => image.pixels)));
    const logits = await predictor.predict(pixels, part.length);
    part.forEach((image, i) => {
      const activations = runNetwork(network, image);
      const label = argmax(logits, i * network.classes, network.classes);
      if (!activations.inRange) outOfRange++;
      else if (classOf(activations) === label) agreed++;
    });
    onProgress?.(start + part.length, images.length);
  }
  return { agreed, asked: images.length, outOfRange };
}

async function readFloatModel(folder: string): Promise<FloatModel> {
  const files = await readModelFiles(folder);
  const layers = readLayers(files.topology, readWeights(folder, files));
  return {
    layers,
    preprocessing: preprocessingOf(files, layers),
    digest: hexBytes(files.digest, 32),
  };
}

function readWeights(folder: string, { weightSpecs, weightData }: ModelFiles) {
  const foreign = weightSpecs.find((spec) => spec.dtype !== 'float32' || 'quantization' in spec);
  if (foreign) {
    const packed = 'quantization' in foreign ? 'packed into fewer bits' : `of ${foreign.dtype}`;
    throw new InputError({
      code: 'network.layer',
      message: `the weight ${JSON.stringify(foreign.name.slice(0, 80))} is ${packed.slice(0, 40)}; only 32-bit floats are read`,
      hint: 'save the model with float32 weights, and judge those',
    });
  }
  return unpackArrays(weightSpecs, weightData, { what: `${folder}: weights`, code: 'model.json' });
}

/** A folder of another program says nothing of it: then pixels are scaled to [0, 1], as `loadModelFolder` does. */
function preprocessingOf({ manifest }: ModelFiles, layers: readonly FloatLayer[]) {
  if (manifest) return specFromJson(manifest.spec).preprocessing;
  const input = layers.find(({ operation }) => operation.kind === 'input')?.operation;
  const channels = input?.kind === 'input' ? input.shape.channels : 0;
  return {
    mean: new Array<number>(channels).fill(0),
    std: new Array<number>(channels).fill(1),
  };
}
