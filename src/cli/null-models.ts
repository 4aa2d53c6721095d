import { InputError } from '../base/index.js';
import { classCount, type Commitment, type Parameters } from '../commitment/index.js';
import { leastNullModels, type Policy } from '../protocol/index.js';
import { tfjsSuspect } from '../suspect/tfjs.js';
import type { BackendChoice } from '../training/backend.js';
import { checkModelFits, type LoadedModel, loadModelFolder } from '../training/loaded-model.js';
import { answersOf, type NullModel } from '../verifier/index.js';
import { inFile } from './naming.js';
import { modelFolders } from './null-folder.js';
import { note } from './terminal.js';

/** A null model and its folder. */
export type FoundNullModel = NullModel & { readonly folder: string };

/**
 * The null models of `--null-models`, each loaded once to see that it fits and answers. Throws `InputError` `nulls.twice`, `nulls.marked`,
 * `nulls.refused`, `model.*`, and as `modelFolders` and `loadModelFolder` do.
 */
export async function findNullModels(
  folders: readonly string[] | undefined,
  parameters: Parameters,
  {
    labelMap,
    backend,
  }: {
    /** For each class of the suspect the committed label it stands for. */
    labelMap?: readonly number[] | undefined;
    backend: BackendChoice;
  },
): Promise<FoundNullModel[]> {
  const found: FoundNullModel[] = [];
  for (const folder of await modelFolders(folders ?? [])) {
    const nullModel = await inFile(folder, () =>
      inspect(folder, parameters, { labelMap, backend }),
    );
    const twin = found.find(({ digest }) => digest === nullModel.digest);
    if (twin) {
      throw new InputError({
        code: 'nulls.twice',
        message: `${folder} is the same model as ${twin.folder}`,
        hint: 'name each null model once',
      });
    }
    found.push(nullModel);
  }
  return found;
}

/**
 * Says before the session what would make its result worthless. Throws `InputError` `judge.nulls` where the policy asks for more null models.
 */
export function mustSuffice(
  models: readonly NullModel[],
  { parameters: { labelMode } }: Commitment,
  { nullModels }: Policy,
): void {
  if (models.length < nullModels) {
    throw new InputError({
      code: 'judge.nulls',
      message: `the policy asks for ${nullModels} null models, got ${models.length}`,
      hint: 'train them with `veilmark judge train-nulls nulls`, and give --null-models nulls',
    });
  }
  if (labelMode === 'derived' || models.length >= leastNullModels) return;
  note(
    `warning: the owner chose the labels, and ${models.length} null models are fewer than ${leastNullModels}: a win will be inconclusive (nulls.too-few)`,
  );
}

async function inspect(
  folder: string,
  parameters: Parameters,
  options: { labelMap?: readonly number[] | undefined; backend: BackendChoice },
): Promise<FoundNullModel> {
  const model = await loadModelFolder(folder, options);
  let nullModel: FoundNullModel;
  try {
    if (model.manifest?.commitment !== undefined) throw marked(folder);
    const { digest } = model;
    const labelMap = mapOf(model, parameters, options.labelMap);
    nullModel = { folder, digest, labelMap, open: () => reopen(folder, digest, options) };
  } finally {
    model.dispose();
  }
  const { shape } = parameters;
  const blank = { shape, pixels: new Uint8Array(shape.height * shape.width * shape.channels) };
  await answersOf(nullModel, [blank]);
  return nullModel;
}

/** Class by class as committed where its classes are those; else, with as many classes as the suspect, by the suspect's label map. */
function mapOf(
  model: LoadedModel,
  parameters: Parameters,
  labelMap: readonly number[] | undefined,
): readonly number[] {
  const { shape, classNames } = parameters;
  const { classes } = model.spec;
  const names = model.manifest?.classNames;
  const isCommitted =
    names?.length === classNames.length && names.every((name, i) => name === classNames[i]);
  const fitting = !isCommitted && labelMap?.length === classes ? labelMap : undefined;
  const expected = fitting?.length ?? classCount(parameters);
  checkModelFits(model, { what: 'the commitment', shape, classes: expected });
  return fitting ?? classNames.map((_, label) => label);
}

/** Loads it again to be asked. Throws `InputError` `nulls.changed`. */
async function reopen(folder: string, digest: string, { backend }: { backend: BackendChoice }) {
  const model = await loadModelFolder(folder, { backend });
  if (model.digest === digest) return tfjsSuspect(model);
  model.dispose();
  throw new InputError({
    code: 'nulls.changed',
    message: `${folder} is not the model any more that it was when the session began`,
    hint: 'leave null models alone while a session runs',
  });
}

function marked(folder: string): InputError {
  return new InputError({
    code: 'nulls.marked',
    message: `${folder} was trained with a mark: its manifest names a commitment`,
    hint: 'train null models with `veilmark judge train-nulls`',
  });
}
