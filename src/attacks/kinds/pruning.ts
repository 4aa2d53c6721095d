import { channelMeans, type NamedArray, weightedLayers } from '../../training/index.js';
import { type Attack, type AttackContext, numbersOf } from '../attack.js';
import { changed, type Classifier, isKernel } from '../classifier.js';
import { fineTuningOptions, fineTuningRecipe } from './fine-tuning.js';

/** The smallest weights of all kernels together go first (Han et al. 2015); what is pruned stays so while training goes on. */
export const pruning: Attack = {
  name: 'prune',
  title: 'Prune weights',
  describe: 'Set the smallest weights to zero, a sweep over sparsities (Han et al. 2015)',
  axis: 'sparsity',
  options: {
    sparsities: {
      describe: 'Parts of the weights to prune',
      default: '0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.95',
    },
    ...fineTuningOptions,
    epochs: { describe: 'Epochs of fine-tuning after each pruning', default: 0 },
  },
  async *run({ stolen, train, progress }, options) {
    const sparsities = numbersOf(options, 'sparsities', { least: 0, most: 1 });
    const recipe = fineTuningRecipe(options);
    for (const [i, sparsity] of sparsities.entries()) {
      progress(i, sparsities.length, `sparsity ${sparsity}`);
      const label = `sparsity ${sparsity}`;
      const pruned = pruneWeights(stolen, sparsity);
      const classifier = await train({ label, classifier: pruned, recipe, keepZeros: true });
      yield { label, value: sparsity, classifier };
    }
  },
};

/**
 * A part of all kernels' weights, those of the least magnitude, becomes zero: exactly `sparsity` of them, rounded, of equals the
 * first.
 */
export function pruneWeights(classifier: Classifier, sparsity: number): Classifier {
  const kernels = classifier.weights.filter(isKernel);
  const magnitudes = new Float32Array(kernels.reduce((sum, { data }) => sum + data.length, 0));
  let filled = 0;
  for (const { data } of kernels) for (const value of data) magnitudes[filled++] = Math.abs(value);
  magnitudes.sort();
  const count = Math.round(sparsity * magnitudes.length);
  const limit = magnitudes[count - 1] ?? -1;
  let equals = count - magnitudes.findIndex((value) => value >= limit);
  return changed(classifier, (weight) => {
    if (!isKernel(weight)) return undefined;
    return weight.data.map((value) => {
      const magnitude = Math.abs(value);
      return magnitude < limit || (magnitude === limit && equals-- > 0) ? 0 : value;
    });
  });
}

/** Channels that ordinary images leave asleep are where backdoors live: they go first, then the model is tuned. */
export const finePruning: Attack = {
  name: 'fine-prune',
  title: 'Fine-pruning',
  describe: 'Prune dormant channels before the head, then fine-tune (Liu, Dolan-Gavitt, Garg 2018)',
  axis: 'pruned channels',
  options: {
    ...fineTuningOptions,
    fractions: { describe: 'Parts of the channels to prune', default: '0.3,0.6,0.8' },
    epochs: { describe: 'Epochs of fine-tuning after each pruning', default: 10 },
  },
  async *run(context, options) {
    const { stolen, train } = context;
    const { layer, means } = await dormancy(context);
    const order = [...means.keys()].sort((a, b) => (means[a] ?? 0) - (means[b] ?? 0));
    for (const fraction of numbersOf(options, 'fractions', { least: 0, most: 1 })) {
      const dormant = new Set(order.slice(0, Math.round(fraction * order.length)));
      const silent = silence(stolen, layer, dormant);
      const label = `${dormant.size} of ${order.length} channels`;
      const recipe = fineTuningRecipe(options);
      const classifier = await train({ label, classifier: silent, recipe, keepZeros: true });
      yield { label, value: fraction, classifier };
    }
  },
};

/** Weights of the last layer before the head, and of the normalisation behind it; and each channel's mean over the thief's images. */
async function dormancy(context: AttackContext): Promise<{ layer: Set<string>; means: number[] }> {
  const { stolen, task, using, note } = context;
  const layers = (await weightedLayers(stolen.spec)).slice(0, -1);
  const last = layers.findLastIndex(({ kind }) => kind === 'Conv2D' || kind === 'Dense');
  const chosen = layers[last];
  if (chosen === undefined) throw new RangeError('the network has one layer only');
  const behind = layers[last + 1];
  const isNormalised = behind?.kind === 'BatchNormalization';
  const probed = isNormalised ? behind : chosen;
  note(`pruned channels of the layer ${chosen.name}, by the mean of ${probed.name}`);
  const spec = await channelMeans(stolen.spec, probed.name);
  const names = new Set((await weightedLayers(spec)).flatMap(({ weights }) => weights));
  const part = { spec, weights: stolen.weights.filter(({ name }) => names.has(name)) };
  const channels = spec.classes;
  const count = Math.min(task.labels.length, 2000);
  const size = task.pixels.length / task.labels.length;
  const scores = await using(part, (engine) =>
    engine.predict(task.pixels.subarray(0, count * size), count),
  );
  const means = Array.from({ length: channels }, (_, c) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += scores[i * channels + c] ?? 0;
    return sum / count;
  });
  return { layer: new Set([...chosen.weights, ...(isNormalised ? behind.weights : [])]), means };
}

/** Channels whose weights, the last axis of each array, are zero; so are the gain and offset of their normalisation. */
function silence(
  classifier: Classifier,
  layer: ReadonlySet<string>,
  channels: ReadonlySet<number>,
): Classifier {
  return changed(classifier, ({ name, shape, data }: NamedArray) => {
    if (!layer.has(name) || name.includes('moving_')) return undefined;
    const width = shape.at(-1) ?? 1;
    return data.map((value, i) => (channels.has(i % width) ? 0 : value));
  });
}
