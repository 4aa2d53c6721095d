import {
  type Dataset,
  defaultRecipe,
  type ModelSpec,
  type Recipe,
  selectImages,
} from '../../training/index.js';
import { sizeOf } from '../../base/index.js';
import {
  type Attack,
  type AttackContext,
  type AttackOptions,
  choiceOf,
  numberOf,
} from '../attack.js';
import { untrained } from '../classifier.js';

/** The thief trains a student as anyone trains a fresh model. */
const studentOptions = {
  student: { describe: 'Architecture of the student; the stolen model’s if empty', default: '' },
  epochs: { describe: 'Passes over the asked images', default: defaultRecipe.epochs },
  rate: {
    describe: 'Highest learning rate, of Adam with a warm-up',
    default: defaultRecipe.schedule.peak,
  },
} as const;

/** A student learns the stolen model's probabilities on the thief's own images. */
export const distillation: Attack = {
  name: 'distil',
  title: 'Distil into a student',
  describe: 'A fresh model learns the stolen one’s probabilities (Hinton, Vinyals, Dean 2015)',
  options: {
    ...studentOptions,
    temperature: { describe: 'By which scores are divided before the softmax', default: 4 },
  },
  async *run(context, options) {
    const { task } = context;
    const temperature = numberOf(options, 'temperature', { least: 0.01 });
    const targets = await answersOf(context, task, temperature);
    yield* student(context, options, { ...task, targets });
  },
};

/** A student learns from the answers of an interface, of whatever is asked. */
export const extraction: Attack = {
  name: 'extract',
  title: 'Extract by queries',
  describe:
    'A fresh model learns the answers to queries (Tramèr et al. 2016; Jagielski et al. 2020)',
  options: {
    ...studentOptions,
    queries: { describe: 'Images that are asked', default: 10000 },
    images: {
      describe: 'in-domain (the thief’s, without labels) or random (noise)',
      default: 'in-domain',
    },
    answers: { describe: 'labels or scores', default: 'labels' },
  },
  async *run(context, options) {
    const answers = choiceOf(options, 'answers', ['labels', 'scores']);
    const asked = imagesToAsk(context, options);
    const scores = await answersOf(context, asked, 1);
    const classes = asked.classNames.length;
    if (answers === 'scores') {
      yield* student(context, options, { ...asked, targets: scores });
      return;
    }
    const labels = asked.labels.map((_, i) => {
      const row = scores.subarray(i * classes, (i + 1) * classes);
      return row.indexOf(Math.max(...row));
    });
    yield* student(context, options, { ...asked, labels });
  },
};

async function* student(
  { stolen, seed, train }: AttackContext,
  options: AttackOptions,
  task: Dataset & { readonly targets?: Float32Array },
) {
  const spec = studentSpec(stolen.spec, String(options['student']));
  const classifier = await untrained(spec, `${seed}/student`);
  const peak = numberOf(options, 'rate');
  const recipe: Pick<Recipe, 'optimizer' | 'schedule' | 'epochs'> = {
    optimizer: { kind: 'adam' },
    schedule: { kind: 'warmup', peak, fraction: defaultRecipe.schedule.fraction },
    epochs: numberOf(options, 'epochs'),
  };
  const learned = await train({ label: 'student', classifier, task, recipe });
  yield {
    label: `${spec.architecture}, ${task.labels.length} images, ${recipe.epochs} epochs`,
    classifier: learned,
  };
}

function studentSpec({ topology, ...spec }: ModelSpec, architecture: string): ModelSpec {
  return architecture === ''
    ? { ...spec, ...(topology && { topology }) }
    : { ...spec, architecture };
}

/** Probabilities that the stolen model gives, count × classes. */
async function answersOf(
  { stolen, using, progress }: AttackContext,
  { shape, pixels, labels }: Dataset,
  temperature: number,
): Promise<Float32Array> {
  const { classes } = stolen.spec;
  const size = sizeOf(shape);
  const targets = new Float32Array(labels.length * classes);
  await using(stolen, async (engine) => {
    for (let start = 0; start < labels.length; start += 500) {
      progress(start, labels.length, 'asking the stolen model');
      const count = Math.min(500, labels.length - start);
      const part = pixels.subarray(start * size, (start + count) * size);
      const scores = await engine.predict(part, count);
      for (let i = 0; i < count; i++) {
        const row = scores.subarray(i * classes, (i + 1) * classes);
        targets.set(softmax(row, temperature), (start + i) * classes);
      }
    }
  });
  return targets;
}

function softmax(scores: Float32Array, temperature: number): Float32Array {
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp((score - largest) / temperature));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function imagesToAsk({ task, stream }: AttackContext, options: AttackOptions): Dataset {
  const size = sizeOf(task.shape);
  const draws = stream('queries');
  const wanted = numberOf(options, 'queries', { least: 1, whole: true });
  if (choiceOf(options, 'images', ['in-domain', 'random']) === 'random') {
    return { ...task, pixels: draws.bytes(wanted * size), labels: new Int32Array(wanted) };
  }
  const count = Math.min(wanted, task.labels.length);
  const chosen = draws.permutation(task.labels.length).slice(0, count);
  return { ...selectImages(task, chosen), labels: new Int32Array(count) };
}
