import { readFile } from 'node:fs/promises';

import { bytesToHex, utf8ToBytes } from '../base/index.js';
import type { HiddenTriggers } from '../commitment/index.js';
import { packagePath } from '../files/index.js';
import { packArrays } from './arrays.js';
import { selectBackend } from './backend.js';
import type { ModelSpec, NamedArray } from './engine.js';
import type { Accuracy } from './evaluate.js';
import { encodeManifest, fileDigest } from './manifest.js';
import { writeModelFiles } from './model-files.js';
import type { TrainOptions } from './options.js';
import { recipeToJson, specToJson } from './options-json.js';
import type { TrainResult } from './train.js';

/**
 * Saves a trained model as a new folder: `model.json` and `weights.bin` in the TensorFlow.js layers format, which
 * `tf.loadLayersModel` reads, and `veilmark.json`, the manifest. Gives the digest that names the model.
 *
 * Throws `InputError` `file.exists`, `EnvironmentError` `file.write`; either way there is no half folder.
 */
export async function saveModelFolder(
  folder: string,
  {
    options,
    classNames,
    result,
    backend,
    triggers,
  }: {
    options: TrainOptions;
    classNames: readonly string[];
    result: TrainResult;
    /** Description of the engine that trained it. */
    backend: string;
    /** What was embedded; none for an unmarked model. */
    triggers?: HiddenTriggers | undefined;
  },
): Promise<{ digest: string }> {
  const { weights } = result.state;
  const modelJson = utf8ToBytes(JSON.stringify(await layersJson(options.spec, weights)));
  const weightBytes = packArrays(weights);
  const manifest = encodeManifest({
    kind: 'veilmark/model',
    version: 1,
    spec: specToJson(options.spec),
    classNames: [...classNames],
    recipe: recipeToJson(options),
    backend,
    packages: await packageVersions(),
    initialWeights: result.initialDigest,
    data: result.dataDigest,
    ...(triggers && { commitment: bytesToHex(triggers.commitment) }),
    accuracy: {
      test: partsPerMillion(result.test),
      ...(result.triggers && { triggers: partsPerMillion(result.triggers) }),
    },
    files: { 'model.json': fileDigest(modelJson), 'weights.bin': fileDigest(weightBytes) },
  });
  await writeModelFiles(folder, { modelJson, weights: weightBytes, manifest });
  return { digest: fileDigest(manifest) };
}

/**
 * Saves a network as a new folder in the TensorFlow.js layers format, without a manifest: nothing is said of how it was made.
 * Throws as `saveModelFolder` does.
 */
export async function saveNetwork(
  folder: string,
  { spec, weights }: { spec: ModelSpec; weights: readonly NamedArray[] },
): Promise<void> {
  const modelJson = utf8ToBytes(JSON.stringify(await layersJson(spec, weights)));
  await writeModelFiles(folder, { modelJson, weights: packArrays(weights) });
}

/** `model.json` of the TensorFlow.js layers format. */
async function layersJson(spec: ModelSpec, weights: readonly NamedArray[]): Promise<object> {
  const { getBackend } = await import('@tensorflow/tfjs-core');
  const { buildModel } = await import('./models/build.js');
  const { version_layers } = await import('@tensorflow/tfjs-layers');
  // An engine of several processes leaves none here.
  if (!getBackend()) await selectBackend('wasm');
  const model = await buildModel(spec, 0);
  try {
    return {
      format: 'layers-model',
      generatedBy: `TensorFlow.js tfjs-layers v${version_layers}`,
      convertedBy: null,
      modelTopology: spec.topology ?? model.toJSON(undefined, false),
      weightsManifest: [
        {
          paths: ['weights.bin'],
          weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })),
        },
      ],
    };
  } finally {
    model.dispose();
  }
}

async function packageVersions(): Promise<Record<string, string>> {
  const { version_core } = await import('@tensorflow/tfjs-core');
  const { version_layers } = await import('@tensorflow/tfjs-layers');
  const own = JSON.parse(await readFile(packagePath('package.json'), 'utf8')) as {
    version: string;
  };
  return {
    veilmark: own.version,
    node: process.version,
    '@tensorflow/tfjs-core': version_core,
    '@tensorflow/tfjs-layers': version_layers,
  };
}

function partsPerMillion({ correct, total }: Accuracy): number {
  return total === 0 ? 0 : Math.round((1e6 * correct) / total);
}
