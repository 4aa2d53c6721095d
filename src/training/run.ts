import { bytesToHex, formatShape, frame, InputError, sameShape } from '../base/index.js';
import { HiddenTriggers } from '../commitment/index.js';
import { taggedHash } from '../crypto/index.js';
import { mustNotExist } from '../files/index.js';
import { arraysDigest } from './arrays.js';
import { readCheckpoint, type RunIdentity } from './checkpoint.js';
import type { PictureSource } from './data/picture-source.js';
import type { Dataset } from './dataset.js';
import type { Engine, NamedArray } from './engine.js';
import { checkOptions, type TrainOptions } from './options.js';
import { recipeToJson, specToJson } from './options-json.js';

export interface PreparedRun {
  readonly identity: RunIdentity;
  readonly dataDigest: string;
  readonly initialDigest: string;
  /** Epochs that the engine has behind it: those of the checkpoint that was restored. */
  readonly epochsDone: number;
  readonly otherBackend?: string;
}

/** Checks that everything fits, and brings the engine to where the checkpoint stands when the run is resumed. */
export async function prepareRun({
  engine,
  base,
  task,
  test,
  triggers,
  options,
  checkpoint,
}: {
  engine: Engine;
  base?: readonly NamedArray[] | undefined;
  task: Dataset | PictureSource;
  test: Dataset;
  triggers?: HiddenTriggers | undefined;
  options: TrainOptions;
  checkpoint?: { readonly path: string; readonly resume: boolean } | undefined;
}): Promise<PreparedRun> {
  checkOptions(options);
  const { spec } = options;
  checkFit({ what: 'training data', spec, of: task });
  checkFit({ what: 'test data', spec, of: test });
  if (triggers !== undefined) checkTriggers(triggers, spec, task);

  const dataDigest = 'listing' in task ? task.listingDigest : datasetDigest(task);
  if (base !== undefined) {
    await engine.load(base);
  }
  const initialDigest = arraysDigest((await engine.state()).weights);
  const identity = {
    ...specToJson(spec),
    ...recipeToJson(options),
    data: dataDigest,
    commitment: triggers === undefined ? 'none' : bytesToHex(triggers.commitment),
    initialWeights: initialDigest,
  };
  const fresh = { identity, dataDigest, initialDigest, epochsDone: 0 };
  if (checkpoint === undefined) return fresh;
  if (!checkpoint.resume) {
    await mustBeFree(checkpoint.path);
    return fresh;
  }
  const { backend, epoch, state } = await readCheckpoint(checkpoint.path, identity);
  await engine.restore(state);
  const otherBackend = backend === engine.description ? {} : { otherBackend: backend };
  return { ...fresh, epochsDone: epoch, ...otherBackend };
}

/** The type forbids other sets of triggers; this does so for callers without types. Throws `training.triggers` or `training.classes`. */
function checkTriggers(
  triggers: unknown,
  spec: TrainOptions['spec'],
  task: Pick<Dataset, 'classNames'>,
): void {
  if (!HiddenTriggers.isOne(triggers)) {
    throw new InputError({
      code: 'training.triggers',
      message: 'only the hidden triggers of a commitment can be embedded (HiddenTriggers.of)',
    });
  }
  checkFit({ what: 'trigger set', spec, of: triggers });
  const odd = triggers.classNames.findIndex((name, label) => name !== task.classNames[label]);
  if (odd >= 0) {
    throw new InputError({
      code: 'training.classes',
      message: `class ${odd} is ${JSON.stringify(triggers.classNames[odd])} in the commitment and ${JSON.stringify(task.classNames[odd])} in the data`,
      hint: 'train on data with the classes of the commitment, in the same order',
    });
  }
}

/** An old checkpoint is somebody's hours of work. Throws `InputError` `checkpoint.exists`. */
async function mustBeFree(path: string): Promise<void> {
  await mustNotExist(path).catch((cause: unknown) => {
    throw new InputError({
      code: 'checkpoint.exists',
      message: `there is a checkpoint at ${path} already`,
      hint: 'go on from it with --resume, or delete it to train from the start',
      cause,
    });
  });
}

/** Hash of a data set's shape, class names, pixels, labels and targets, in hexadecimal. */
export function datasetDigest({
  shape,
  classNames,
  pixels,
  labels,
  targets,
}: Dataset & { readonly targets?: Float32Array | undefined }): string {
  const fields = [
    ...[formatShape(shape), frame([...classNames]), pixels, labels.join(',')],
    ...(targets ? [new Uint8Array(targets.buffer, targets.byteOffset, targets.byteLength)] : []),
  ];
  return bytesToHex(taggedHash('veilmark/dataset/1', fields));
}

/** Throws `InputError` `training.data`, `training.shape` or `training.classes`, naming both sides. */
function checkFit({
  what,
  spec,
  of: images,
}: {
  what: string;
  spec: TrainOptions['spec'];
  of: Pick<Dataset, 'shape' | 'labels'> & { readonly classNames?: readonly string[] };
}): void {
  const refuse = (code: string, message: string): never => {
    throw new InputError({ code, message: `the ${what} ${message}` });
  };
  if (images.labels.length === 0) refuse('training.data', 'holds no image');
  if (!sameShape(images.shape, spec.shape)) {
    refuse(
      'training.shape',
      `has images of ${formatShape(images.shape)}, the model takes ${formatShape(spec.shape)}`,
    );
  }
  const { classNames } = images;
  if (classNames !== undefined && classNames.length !== spec.classes) {
    refuse('training.classes', `has ${classNames.length} classes, the model ${spec.classes}`);
  }
  const wrong = images.labels.find((label) => label < 0 || label >= spec.classes);
  if (wrong !== undefined) {
    refuse('training.classes', `has the label ${wrong}, the model only 0 to ${spec.classes - 1}`);
  }
}
