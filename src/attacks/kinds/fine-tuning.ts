import { type Trainable, withHead } from '../../training/index.js';
import type { Attack, AttackContext, AttackOptions } from '../attack.js';
import { numberOf } from '../attack.js';
import { joined, untrained } from '../classifier.js';

/** Options of whoever trains a model on as the paper's code does: SGD at 0.01 for 20 epochs. */
export const fineTuningOptions = {
  epochs: { describe: 'Passes over the thief’s data', default: 20 },
  rate: { describe: 'Learning rate, the same throughout', default: 0.01 },
} as const;

/** SGD with the paper's momentum and weight decay. */
export function fineTuningRecipe(options: AttackOptions) {
  return {
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
    schedule: { kind: 'constant', rate: numberOf(options, 'rate') },
    epochs: numberOf(options, 'epochs'),
  } as const;
}

function fineTuning({
  name,
  title,
  trainable,
  isNewHead,
}: {
  name: string;
  title: string;
  trainable: Trainable;
  isNewHead: boolean;
}): Attack {
  return {
    name,
    title,
    describe: `${title} (Adi et al. 2018, section 6.3)`,
    options: fineTuningOptions,
    keepsBody: true,
    async *run(context, options) {
      const recipe = fineTuningRecipe(options);
      const classifier = isNewHead ? await withNewHead(context) : context.stolen;
      const tuned = await context.train({ label: name, classifier, recipe, trainable });
      yield { label: `${recipe.epochs} epochs at ${recipe.schedule.rate}`, classifier: tuned };
    },
  };
}

async function withNewHead({ stolen, seed }: AttackContext) {
  return joined({ body: stolen, head: await untrained(stolen.spec, `${seed}/new-head`) });
}

/** The paper's four. */
export const fineTunings: readonly Attack[] = [
  { name: 'ftll', title: 'Fine-tune the last layer', trainable: 'head', isNewHead: false },
  { name: 'ftal', title: 'Fine-tune all layers', trainable: 'all', isNewHead: false },
  { name: 'rtll', title: 'Retrain the last layer', trainable: 'head', isNewHead: true },
  {
    name: 'rtal',
    title: 'Retrain all layers, the last one anew',
    trainable: 'all',
    isNewHead: true,
  },
].map((each) => fineTuning(each as Parameters<typeof fineTuning>[0]));

/** Fine-tuning under labels that are less certain. */
export const labelSmoothing: Attack = {
  name: 'label-smoothing',
  title: 'Fine-tune with label smoothing',
  describe: 'Fine-tune all layers with smoothed labels (Szegedy et al. 2016)',
  options: {
    ...fineTuningOptions,
    smoothing: { describe: 'Part of each label that is spread over all classes', default: 0.2 },
  },
  async *run({ train, stolen }, options) {
    const recipe = { ...fineTuningRecipe(options), labelSmoothing: numberOf(options, 'smoothing') };
    const classifier = await train({ label: 'label-smoothing', classifier: stolen, recipe });
    yield { label: `smoothing ${recipe.labelSmoothing}, ${recipe.epochs} epochs`, classifier };
  },
};

/** The same classes or others on other images. */
export const transfer: Attack = {
  name: 'transfer',
  title: 'Transfer to another task',
  describe: 'Fine-tune all layers on another data set (Adi et al. 2018, section 6.3)',
  options: {
    ...fineTuningOptions,
    to: { describe: 'The other data set, named as for --data', default: '' },
  },
  keepsBody: true,
  endsSequence: true,
  async *run({ train, stolen, seed, readData }, options) {
    const { task, test } = await readData(String(options['to']));
    const recipe = fineTuningRecipe(options);
    const head = await untrained(withHead(stolen.spec, task.classNames.length), `${seed}/new-head`);
    const start = await joined({ body: stolen, head });
    const classifier = await train({ label: 'transfer', classifier: start, task, test, recipe });
    const name = String(options['to']);
    yield { label: `to ${name}, ${recipe.epochs} epochs`, classifier, otherTask: { name, test } };
  },
};
