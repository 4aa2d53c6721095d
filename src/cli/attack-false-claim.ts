import { join } from 'node:path';

import type { Argv } from 'yargs';

import {
  type Classifier,
  type FalseClaim,
  falseClaimFile,
  playFalseClaims,
  writeFalseClaims,
} from '../attacks/index.js';
import { mustNotExist } from '../files/index.js';
import {
  createEngine,
  type Dataset,
  defaultRecipe,
  loadModelFolder,
  type Machine,
  selectImages,
  train,
} from '../training/index.js';
import { wholeNumber } from './arguments.js';
import { loadImages } from './images.js';
import { readPolicy } from './policy-file.js';
import { Progress } from './progress.js';
import { note, percent, print, table } from './terminal.js';
import {
  backendOption,
  checkWorkers,
  dataOptions,
  optionalShape,
  optionalWorkers,
  specFor,
} from './train-options.js';

/** Networks that the claimant and the judge train, in turn. */
const networks = ['cnn-small', 'cnn-medium', 'mlp', 'lenet5'] as const;

export function addAttackFalseClaim(yargs: Argv): Argv {
  return yargs.command(
    'false-claim <folder>',
    'Play the dishonest claimant: adversarial examples as triggers against a model of others',
    (own) =>
      own
        .positional('folder', {
          type: 'string',
          demandOption: true,
          describe: 'Where the result goes',
        })
        .options({
          ...dataOptions,
          suspect: {
            type: 'string',
            describe: 'An independent model folder [a cnn-small trained here]',
          },
          ensemble: {
            type: 'number',
            requiresArg: true,
            default: 4,
            describe: 'Models of the claimant',
          },
          nulls: {
            type: 'number',
            requiresArg: true,
            default: 10,
            describe: 'Null models of the judge',
          },
          epochs: {
            type: 'number',
            requiresArg: true,
            default: 10,
            describe: 'Epochs for each of them',
          },
          radius: {
            type: 'number',
            requiresArg: true,
            default: 64,
            describe: 'Most that a byte of an image is moved',
          },
          steps: {
            type: 'number',
            requiresArg: true,
            default: 20,
            describe: 'Gradient steps (I-FGSM)',
          },
          seed: { type: 'string', default: '1', describe: 'The same seed gives the same result' },
          policy: { type: 'string', describe: 'Policy of the judge [the default one]' },
          ...backendOption,
          ...optionalWorkers,
        })
        .epilogue('Example:\n  $0 attack false-claim false-claim --data fashion-mnist'),
    async (args) => {
      checkWorkers(args);
      for (const name of ['ensemble', 'nulls', 'epochs', 'steps'] as const) {
        wholeNumber(name, args[name], { least: 1, most: 1000 });
      }
      wholeNumber('radius', args.radius, { least: 1, most: 255 });
      const path = join(args.folder, falseClaimFile);
      await mustNotExist(path);
      const shape = optionalShape(args.shape);
      const load = (split: 'train' | 'test') =>
        loadImages(args.data, { split, shape, fit: args.fit });
      const [all, test] = [await load('train'), await load('test')];
      // The claimant has one half of the images, everybody else the other.
      const [claimants, others] = [half(all, 0), half(all, 1)];
      const machine: Machine = args;
      const total = args.ensemble + args.nulls + (args.suspect === undefined ? 1 : 0);
      const bar = new Progress('training models');
      let done = 0;
      const trained = async (who: string, architecture: string, task: Dataset) => {
        const name = `${who} ${architecture}`;
        const classifier = await trainFresh({
          architecture,
          task,
          test,
          machine,
          epochs: args.epochs,
          seed: `${args.seed}/${who}`,
        });
        bar.update(++done, total, name);
        return { name, classifier };
      };
      const network = (i: number): string => networks[i % networks.length] ?? 'cnn-small';
      const ensemble: Classifier[] = [];
      for (let i = 0; i < args.ensemble; i++) {
        ensemble.push((await trained(`claimant ${i + 1}`, network(i), claimants)).classifier);
      }
      const nullModels: { name: string; classifier: Classifier }[] = [];
      for (let i = 0; i < args.nulls; i++)
        nullModels.push(await trained(`null ${i + 1}`, network(i), others));
      const suspect =
        args.suspect === undefined
          ? await trained('suspect', 'cnn-small', others)
          : { name: args.suspect, classifier: await readClassifier(args.suspect, args.backend) };
      bar.end();
      const crafting = new Progress('false claims');
      const claims = await playFalseClaims({
        ensemble,
        images: claimants,
        suspect,
        nullModels,
        test,
        policy: await readPolicy(args.policy),
        seed: args.seed,
        machine,
        radius: args.radius,
        steps: args.steps,
        onProgress: (step, steps, what) => {
          crafting.update(step, steps, what);
        },
      });
      crafting.end();
      await writeFalseClaims(path, claims);
      note(`wrote ${path}`);
      print(claimsTable(claims));
    },
  );
}

/** Every second image. */
function half(dataset: Dataset, first: 0 | 1): Dataset {
  const indices = [...dataset.labels.keys()].filter((index) => index % 2 === first);
  return selectImages(dataset, indices);
}

async function trainFresh({
  architecture,
  task,
  test,
  machine,
  epochs,
  seed,
}: {
  architecture: string;
  task: Dataset;
  test: Dataset;
  machine: Machine;
  epochs: number;
  seed: string;
}): Promise<Classifier> {
  const spec = specFor(architecture, task);
  const options = { ...defaultRecipe, epochs, spec, seed };
  const engine = await createEngine(options, machine);
  try {
    const { state } = await train({ engine, task, test, options });
    return { spec, weights: state.weights };
  } finally {
    await engine.close();
  }
}

async function readClassifier(folder: string, backend: Machine['backend']): Promise<Classifier> {
  const model = await loadModelFolder(folder, { backend });
  try {
    return { spec: model.spec, weights: await model.weights() };
  } finally {
    model.dispose();
  }
}

function claimsTable(claims: readonly FalseClaim[]): string {
  const heading = [
    'labels',
    'model',
    'matched',
    'weakest batch',
    'chance',
    'needed',
    'without null models',
  ];
  const rows = claims.flatMap(({ labels, suspect, nullModels }) =>
    [suspect, ...nullModels].map(({ name, measurement }) => {
      const { triggers, log2P, threshold, batchSize, verdict } = measurement;
      return [
        labels,
        name,
        percent(triggers.correct, triggers.total),
        `${Math.min(...triggers.batches)}/${batchSize}`,
        `2^${log2P}`,
        `${threshold}/${batchSize}`,
        verdict,
      ];
    }),
  );
  return table([heading, ...rows]);
}
