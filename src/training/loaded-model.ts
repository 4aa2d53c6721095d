import type { io as coreIo } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

import { formatShape, InputError, maxSide, sameShape, type Shape } from '../base/index.js';
import { guardBackend } from './backend-errors.js';
import { selectBackend, type BackendChoice } from './backend.js';
import type { ModelSpec, NamedArray, Preprocessing } from './engine.js';
import type { Predictor } from './evaluate.js';
import type { ModelManifest } from './manifest.js';
import { readModelFiles, type ModelFiles } from './model-files.js';
import { isTopologyName, topologyName } from './models/topology.js';
import { specFromJson } from './options-json.js';

/** A model read from a folder, ready to be asked. */
export interface LoadedModel extends Predictor {
  /** Of a folder without a manifest: shape and classes from `model.json`. */
  readonly spec: ModelSpec;
  /** Absent where another program made the folder: then nothing tells whether a file was changed. */
  readonly manifest?: ModelManifest;
  /** Names the model: digest of the manifest, or of all files; hexadecimal. */
  readonly digest: string;
  /** What runs it, for a person. */
  readonly backend: string;
  /** The weights, e.g. as the base of further training. */
  weights(): Promise<NamedArray[]>;
  dispose(): void;
}

export interface LoadOptions {
  readonly backend?: BackendChoice;
  /** For a folder without a manifest (default: pixels / 255). */
  readonly preprocessing?: Preprocessing | undefined;
}

/**
 * Loads a model folder: ours, or any of the TensorFlow.js layers format with one image input and one row of scores as
 * output.
 *
 * Throws what `readModelFiles` throws, and `InputError` `model.load` for what TensorFlow cannot run.
 */
export async function loadModelFolder(
  folder: string,
  { backend: choice = 'auto', preprocessing }: LoadOptions = {},
): Promise<LoadedModel> {
  const files = await readModelFiles(folder);
  if (files.format === 'graph-model') {
    throw unusable(
      folder,
      'it is a graph model, which can be asked as a suspect, and nothing else',
    );
  }
  const computing = await selectBackend(choice);
  const guard = guardBackend(computing, computing.watch);
  const { createTrainer } = await import('./trainer.js');
  const model = await layersModel(folder, files);
  try {
    // A frozen layer answers like any other, and may be the base of further training.
    for (const layer of model.layers) layer.trainable = true;
    const spec = specOf(folder, files, model, preprocessing);
    const trainer = createTrainer(model, { spec });
    return {
      spec,
      ...(files.manifest && { manifest: files.manifest }),
      digest: files.digest,
      backend: computing.description,
      predict: (pixels, count) => guard.run(() => trainer.predict(pixels, count)),
      weights: () => guard.run(() => trainer.weights()),
      dispose: () => {
        trainer.dispose();
      },
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/**
 * Refuses a model that does not take these images or does not tell these classes apart. Throws `InputError`
 * `model.shape` or `model.classes`, naming both sides; `what` names the other one, e.g. "the commitment".
 */
export function checkModelFits(
  { spec }: Pick<LoadedModel, 'spec'>,
  { what, shape, classes }: { what: string; shape: Shape; classes: number },
): void {
  if (!sameShape(spec.shape, shape)) {
    throw new InputError({
      code: 'model.shape',
      message: `the model takes images of ${formatShape(spec.shape)}, ${what} has ${formatShape(shape)}`,
      hint: 'name a model, data and a claim of one task',
    });
  }
  if (spec.classes !== classes) {
    throw new InputError({
      code: 'model.classes',
      message: `the model has ${spec.classes} classes, ${what} has ${classes}`,
      hint: 'name a model, data and a claim of one task',
    });
  }
}

async function layersModel(folder: string, files: ModelFiles): Promise<LayersModel> {
  const { io } = await import('@tensorflow/tfjs-core');
  const { loadLayersModel } = await import('@tensorflow/tfjs-layers');
  const { topology, weightSpecs, weightData } = files;
  try {
    return await loadLayersModel(
      io.fromMemory({
        modelTopology: topology,
        weightSpecs: weightSpecs as coreIo.WeightsManifestEntry[],
        weightData: weightData.slice().buffer,
      }),
    );
  } catch (cause) {
    throw unusable(
      folder,
      `TensorFlow refuses it (${(cause as Error).message.replace(/\s+/g, ' ').slice(0, 200)})`,
      cause,
    );
  }
}

/** The manifest's specification, which must be that of the network; without a manifest, the network's own. */
function specOf(
  folder: string,
  { manifest, topology }: ModelFiles,
  model: LayersModel,
  preprocessing?: Preprocessing,
): ModelSpec {
  const input = model.inputs.length === 1 ? model.inputs[0]?.shape : undefined;
  const output = model.outputs.length === 1 ? model.outputs[0]?.shape : undefined;
  const sides = [...(input?.slice(1) ?? []), output?.[1]].map((side) => side ?? 0);
  const [height = 0, width = 0, channels = 0, classes = 0] = sides;
  // A hostile model.json gives sides as text, or such as no memory holds; TensorFlow lets them pass.
  const areSizes = sides.every((side) => Number.isSafeInteger(side) && side >= 1);
  const isSmall = Math.max(height, width, channels) <= maxSide && classes <= 100_000;
  if (input?.length !== 4 || output?.length !== 2 || !areSizes || !isSmall) {
    const shapes = `${JSON.stringify(input ?? 'several')} to ${JSON.stringify(output ?? 'several')}`;
    throw unusable(folder, `it does not map one image to one row of scores, but ${shapes}`);
  }
  if (manifest === undefined) {
    const plain = { mean: Array<number>(channels).fill(0), std: Array<number>(channels).fill(1) };
    const shape = { height, width, channels };
    const architecture = topologyName(topology);
    return { architecture, topology, shape, classes, preprocessing: preprocessing ?? plain };
  }
  const spec = specOfManifest(folder, manifest, topology);
  checkModelFits({ spec }, { what: 'its model.json', shape: { height, width, channels }, classes });
  return spec;
}

/** A network that is none of ours is the topology beside its manifest. */
function specOfManifest(folder: string, manifest: ModelManifest, topology: object): ModelSpec {
  const spec = specFromJson(manifest.spec);
  if (!isTopologyName(spec.architecture)) return spec;
  if (spec.architecture === topologyName(topology)) return { ...spec, topology };
  throw unusable(folder, 'veilmark.json names another topology than model.json holds');
}

function unusable(folder: string, message: string, cause?: unknown): InputError {
  return new InputError({
    code: 'model.load',
    message: `the model in ${folder}: ${message}`,
    hint: 'save it as a TensorFlow.js layers model of standard layers, one image in and one row of scores out (docs/training.md)',
    cause,
  });
}
