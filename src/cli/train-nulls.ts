import { access, rm } from 'node:fs/promises';
import { basename } from 'node:path';

import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from 'yargs';

import { canonicalJson, EnvironmentError, InputError } from '../base/index.js';
import { withLock } from '../files/index.js';
import { architectures, readModelFiles, type TrainOptions } from '../training/index.js';
import { recipeToJson, specToJson } from '../training/options-json.js';
import { datasetDigest } from '../training/run.js';
import { wholeNumber } from './arguments.js';
import {
  mustHoldNullModels,
  nullFolder,
  type NullManifest,
  writeNullManifest,
} from './null-folder.js';
import { duration, note, percent, print } from './terminal.js';
import { loadCourse, startingPoint } from './train.js';
import {
  defaultArchitecture,
  optionalWorkers,
  recipeGroup,
  trainOptions,
} from './train-options.js';
import { runTraining } from './training-run.js';

const trainNullsOptions = {
  data: trainOptions.data,
  shape: trainOptions.shape,
  fit: trainOptions.fit,
  stream: trainOptions.stream,
  count: {
    type: 'number',
    requiresArg: true,
    default: 10,
    describe: 'How many; chosen labels need at least ten',
  },
  architecture: {
    type: 'string',
    group: recipeGroup,
    describe: `Network as for \`train\`, or several with commas between, which the models take in turn [${defaultArchitecture}]`,
  },
  model: { ...trainOptions.model, conflicts: 'architecture' },
  recipe: trainOptions.recipe,
  quick: trainOptions.quick,
  normalise: trainOptions.normalise,
  'crop-padding': trainOptions['crop-padding'],
  flip: trainOptions.flip,
  epochs: trainOptions.epochs,
  batch: trainOptions.batch,
  optimizer: trainOptions.optimizer,
  momentum: trainOptions.momentum,
  'weight-decay': trainOptions['weight-decay'],
  rate: trainOptions.rate,
  schedule: trainOptions.schedule,
  'step-every': trainOptions['step-every'],
  'step-factor': trainOptions['step-factor'],
  'label-smoothing': trainOptions['label-smoothing'],
  seed: {
    ...trainOptions.seed,
    describe: 'From which each model has a seed of its own; the same seed gives the same models',
  },
  backend: trainOptions.backend,
  ...optionalWorkers,
} as const;

type Arguments = ArgumentsCamelCase<InferredOptionTypes<typeof trainNullsOptions>> & {
  folder: string;
};

const examples = `Examples:
  $0 judge train-nulls nulls --data fashion-mnist
  $0 judge train-nulls nulls --data cifar10:DIR --architecture resnet20,vgg11
  $0 judge session.transcript --null-models nulls …      asks them all

Run it again after Ctrl-C: models that are whole are kept, the one that was stopped goes on.`;

/** `judge train-nulls`, beside `judge TRANSCRIPT`, whose arguments are not asked for here. */
export function addTrainNulls(judge: Argv): Argv {
  keepToItself(judge);
  return judge.command(
    'train-nulls <folder>',
    'Train models of the task that know no mark, to see what any model of it answers',
    (yargs) =>
      yargs
        .positional('folder', {
          type: 'string',
          demandOption: true,
          describe: 'Folder of model folders; new, or begun before',
        })
        .options(trainNullsOptions)
        .epilogue(examples),
    async (args) => {
      wholeNumber('count', args.count, { least: 1, most: 1000 });
      await mustHoldNullModels(args.folder);
      await withLock(args.folder, () => trainNulls(args)).catch(goesOn);
    },
  );
}

/** This command goes on by itself, without the option that training alone needs. */
function goesOn(error: unknown): never {
  if (!(error instanceof EnvironmentError) || error.code !== 'training.stopped') throw error;
  const { code, message } = error;
  throw new EnvironmentError({
    code,
    message,
    hint: 'repeat the same command to go on from there',
  });
}

/** Otherwise yargs hands a command's options and places down to the commands below it. */
function keepToItself(command: object): void {
  const whole = command as {
    getOptions(): { readonly key: Readonly<Record<string, unknown>> };
    global(names: readonly string[], isGlobal: boolean): void;
  };
  const general = ['help', 'version'];
  const own = Object.keys(whole.getOptions().key).filter((name) => !general.includes(name));
  whole.global(own, false);
}

/** Trains what is not there yet. Throws what `runTraining` throws, and `InputError` `nulls.other`. */
async function trainNulls(args: Arguments): Promise<void> {
  const { folder, count, seed } = args;
  const names = architecturesOf(args.architecture);
  const course = { ...args, from: undefined, architecture: names[0] };
  const { recipe, task, test, spec: first } = await loadCourse(course);
  const specs = [first];
  for (const architecture of names.slice(1)) {
    specs.push((await startingPoint({ ...course, architecture }, task)).spec);
  }
  const data = 'listing' in task ? task.listingDigest : datasetDigest(task);
  const models: NullManifest['models'] = [];
  let [trained, seconds] = [0, 0];
  // More than are asked for now may be there from before.
  for (let i = 0; i < count || (await exists(nullFolder(folder, i))); i++) {
    const spec = specs[i % specs.length] ?? first;
    const options: TrainOptions = { ...recipe, spec, seed: `${seed}/null-model/${i + 1}` };
    const path = nullFolder(folder, i);
    if (!(await keeps(path, { options, data }))) {
      const left = trained > 0 ? `, about ${duration((seconds / trained) * (count - i))} left` : '';
      note(`null model ${i + 1} of ${count}: ${spec.architecture}${left}`);
      const started = performance.now();
      const checkpoint = `${path}.checkpoint`;
      await runTraining({
        title: `null model ${i + 1}/${count}`,
        folder: path,
        task,
        test,
        options,
        backend: args.backend,
        workers: args.workers,
        checkpoint: { path: checkpoint, resume: await exists(checkpoint) },
      });
      trained++;
      seconds += (performance.now() - started) / 1000;
    }
    const { manifest, digest } = await readModelFiles(path);
    const testPpm = manifest?.accuracy.test ?? 0;
    models.push({ folder: basename(path), model: digest, testPpm });
    await writeNullManifest(folder, { data, models });
  }
  print(
    `${models.length} null models in ${folder}/, ${trained} trained now; ${accuracies(models)}`,
  );
}

/** The networks of `--architecture`. Throws `InputError` `usage.architecture`. */
function architecturesOf(text: string | undefined): string[] {
  const names = text?.split(',').map((name) => name.trim()) ?? [];
  const known = architectures.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new InputError({
    code: 'usage.architecture',
    message: `there is no architecture ${JSON.stringify(unknown.slice(0, 40))}`,
    hint: `choose of ${known.join(', ')}`,
  });
}

/** Whether a whole model of this very run is there. Throws `InputError` `nulls.other` for another one, and as `readModelFiles` does. */
async function keeps(
  path: string,
  { options, data }: { options: TrainOptions; data: string },
): Promise<boolean> {
  if (!(await exists(path))) return false;
  const { manifest } = await readModelFiles(path);
  const same =
    manifest?.data === data &&
    canonicalJson(manifest.spec) === canonicalJson(specToJson(options.spec)) &&
    canonicalJson(manifest.recipe) === canonicalJson(recipeToJson(options));
  if (same) {
    await rm(`${path}.checkpoint`, { force: true });
    return true;
  }
  throw new InputError({
    code: 'nulls.other',
    message: `${path} was trained on other data, or in another way`,
    hint: 'give the options with which the folder was begun, or name a new folder',
  });
}

function accuracies(models: NullManifest['models']): string {
  const all = models.map(({ testPpm }) => testPpm).sort((a, b) => a - b);
  const [least = 0, most = 0] = [all[0], all.at(-1)];
  return `test accuracy ${percent(least, 1e6)} to ${percent(most, 1e6)}`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
