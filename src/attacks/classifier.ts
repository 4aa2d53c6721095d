import {
  freshWeights,
  initializerSeed,
  type ModelSpec,
  type NamedArray,
  weightedLayers,
} from '../training/index.js';

/** A network with its weights. */
export interface Classifier {
  readonly spec: ModelSpec;
  readonly weights: readonly NamedArray[];
}

/** An untrained network. The seed is a name, as for training. */
export async function untrained(spec: ModelSpec, seed: string): Promise<Classifier> {
  return { spec, weights: await freshWeights(spec, initializerSeed(seed)) };
}

/** The body of one classifier under the head of another, whose specification it has. */
export async function joined({
  body,
  head,
}: {
  body: Classifier;
  head: Classifier;
}): Promise<Classifier> {
  const names = await headWeights(head.spec);
  const weights = head.weights.map((weight) =>
    names.has(weight.name) ? weight : find(body, weight.name),
  );
  return { spec: head.spec, weights };
}

/** Whether two classifiers have the same head, to the bit. */
export async function sameHead(a: Classifier, b: Classifier): Promise<boolean> {
  const names = await headWeights(a.spec);
  return a.weights
    .filter(({ name }) => names.has(name))
    .every(({ name, data }) => {
      const other = b.weights.find((weight) => weight.name === name)?.data;
      return other?.length === data.length && data.every((value, i) => value === other[i]);
    });
}

/** The classifier with some of its weights changed; the others are shared with it. */
export function changed(
  { spec, weights }: Classifier,
  change: (weight: NamedArray) => Float32Array | undefined,
): Classifier {
  const next = weights.map((weight) => {
    const data = change(weight);
    return data === undefined ? weight : { ...weight, data };
  });
  return { spec, weights: next };
}

/** Whether a weight multiplies what a layer takes: kernels of dense layers and convolutions, no biases, no normalisation. */
export function isKernel({ shape }: NamedArray): boolean {
  return shape.length >= 2;
}

async function headWeights(spec: ModelSpec): Promise<Set<string>> {
  return new Set((await weightedLayers(spec)).at(-1)?.weights);
}

function find({ weights }: Classifier, name: string): NamedArray {
  const weight = weights.find((each) => each.name === name);
  if (weight === undefined) throw new RangeError(`the classifier has no ${name}`);
  return weight;
}
