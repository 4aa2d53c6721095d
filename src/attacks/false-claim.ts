import { type Image, sizeOf } from '../base/index.js';
import {
  type Commitment,
  createCommitment,
  defaultCounts,
  HiddenTriggers,
  type Parameters,
} from '../commitment/index.js';
import { keyPairFrom, SeededStream } from '../crypto/index.js';
import { chanceOfMatch, log2, type Policy } from '../protocol/index.js';
import {
  createEngine,
  type Dataset,
  type Engine,
  imageAt,
  type Machine,
} from '../training/index.js';
import type { Classifier } from './classifier.js';
import { moveAgainst } from './kinds/adversarial-training.js';
import { measure } from './measure.js';
import type { Measurement } from './record.js';

/** How the claimant gets labels: he picks them, or they follow from all commitments. */
export type ClaimLabels = 'chosen' | 'derived';

/** A model that the claimant has nothing to do with, and what his claim finds in it. */
export interface ClaimedModel {
  readonly name: string;
  readonly measurement: Measurement;
}

export interface FalseClaim {
  readonly labels: ClaimLabels;
  /** log2 of the chance of one match for a model fixed before the labels. */
  readonly log2Chance: number;
  readonly suspect: ClaimedModel;
  /** The judge's own models of the task: what they match, any model of the task matches. */
  readonly nullModels: readonly ClaimedModel[];
}

export interface FalseClaimInput {
  /** The claimant's own models, all of one machine. */
  readonly ensemble: readonly Classifier[];
  /** Images of the claimant, from which triggers are made. */
  readonly images: Dataset;
  readonly suspect: { readonly name: string; readonly classifier: Classifier };
  readonly nullModels: readonly { readonly name: string; readonly classifier: Classifier }[];
  readonly test: Dataset;
  readonly policy: Policy;
  readonly seed: string;
  readonly machine: Machine;
  /** Most that a byte is moved, and gradient steps. */
  readonly radius: number;
  readonly steps: number;
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
}

/** An image that the claimant's models take for another class than it is of. */
interface Crafted {
  readonly image: Image;
  readonly natural: number;
  readonly target: number;
  /** How sure the ensemble is of the target: least difference of its score from the best other one. */
  readonly margin: number;
}

/** Of how many crafted images the claimant takes the best one. */
const choice = 6;

/**
 * Plays the dishonest claimant of Liu et al. (USENIX Security 2024): adversarial examples that move independent models, too, are
 * registered as triggers, once under chosen labels, the classes they were moved to, and once under derived ones. Says what an
 * independent model and the judge's null models match.
 */
export async function playFalseClaims(input: FalseClaimInput): Promise<FalseClaim[]> {
  const crafted = await craft(input);
  const claims: FalseClaim[] = [];
  for (const labels of ['chosen', 'derived'] as const) {
    const claim = commit(input, crafted, labels);
    const look = async (name: string, classifier: Classifier): Promise<ClaimedModel> => {
      const measurement = await withEngine(input, classifier, (engine) =>
        measure(engine, {
          test: input.test,
          policy: input.policy,
          classes: classifier.spec.classes,
          ...claim,
        }),
      );
      return { name, measurement };
    };
    const nullModels: ClaimedModel[] = [];
    for (const { name, classifier } of input.nullModels)
      nullModels.push(await look(name, classifier));
    claims.push({
      labels,
      log2Chance: log2(chanceOfMatch(claim.commitment.parameters)),
      suspect: await look(input.suspect.name, input.suspect.classifier),
      nullModels,
    });
  }
  return claims;
}

/** The adversarial examples of which the ensemble is surest, as many as a claim has pairs. */
async function craft(input: FalseClaimInput): Promise<Crafted[]> {
  const { ensemble, images, seed, radius, steps, onProgress } = input;
  const wanted = defaultCounts.hidden + defaultCounts.audited;
  const classes = images.classNames.length;
  const draws = new SeededStream('veilmark/false-claim/1', [seed]);
  const chosen = draws.permutation(images.labels.length).slice(0, choice * wanted);
  const size = sizeOf(images.shape);
  const count = chosen.length;
  const pixels = new Uint8Array(count * size);
  const natural = Int32Array.from(chosen, (index) => images.labels[index] ?? 0);
  chosen.forEach((index, i) => {
    pixels.set(imageAt(images, index).pixels, i * size);
  });
  const targets = natural.map((own) => {
    const other = draws.below(classes - 1);
    return other < own ? other : other + 1;
  });
  const engines: Engine[] = [];
  try {
    for (const classifier of ensemble) engines.push(await engineOf(input, classifier));
    let done = 0;
    const together = {
      pixelGradient: async (batch: { pixels: Uint8Array; labels: Int32Array; count: number }) => {
        onProgress?.(done++, steps, 'crafting adversarial examples');
        const sum = new Float32Array(batch.pixels.length);
        for (const engine of engines) {
          addScaled(sum, await engine.pixelGradient(batch), size);
        }
        return sum;
      },
    };
    const start = { pixels, labels: targets, count };
    const moved = await moveAgainst(together, start, { radius, steps, towards: true });
    const margins = await marginsOf(engines, moved, classes);
    return [...margins.keys()]
      .sort((a, b) => (margins[b] ?? 0) - (margins[a] ?? 0))
      .slice(0, wanted)
      .map((i) => ({
        image: { shape: images.shape, pixels: moved.pixels.slice(i * size, (i + 1) * size) },
        natural: natural[i] ?? 0,
        target: targets[i] ?? 0,
        margin: margins[i] ?? 0,
      }));
  } finally {
    for (const engine of engines) await engine.close();
  }
}

/** Divides each image's part of a gradient by its largest element, so that no model outvotes the others. */
function addScaled(sum: Float32Array, gradient: Float32Array, size: number): void {
  for (let start = 0; start < sum.length; start += size) {
    const part = gradient.subarray(start, start + size);
    const largest = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    part.forEach((value, i) => (sum[start + i] = (sum[start + i] ?? 0) + value / largest));
  }
}

async function marginsOf(
  engines: readonly Engine[],
  { pixels, labels, count }: { pixels: Uint8Array; labels: Int32Array; count: number },
  classes: number,
): Promise<number[]> {
  const margins = new Array<number>(count).fill(Infinity);
  for (const engine of engines) {
    const scores = await engine.predict(pixels, count);
    for (let i = 0; i < count; i++) {
      const row = scores.subarray(i * classes, (i + 1) * classes);
      const own = row[labels[i] ?? 0] ?? 0;
      const best = row.reduce(
        (most, score, k) => (k === labels[i] ? most : Math.max(most, score)),
        -Infinity,
      );
      margins[i] = Math.min(margins[i] ?? 0, own - best);
    }
  }
  return margins;
}

function commit(
  { seed, images }: FalseClaimInput,
  crafted: readonly Crafted[],
  labels: ClaimLabels,
): { commitment: Commitment; triggers: HiddenTriggers } {
  const stream = new SeededStream('veilmark/false-claim-keys/1', [seed, labels]);
  const parameters: Parameters = {
    labelMode: labels,
    natural: 'given',
    shape: images.shape,
    classNames: images.classNames,
    ...defaultCounts,
    origin: 'test',
  };
  const { commitment, mark } = createCommitment({
    parameters,
    source: {
      secret: stream.bytes(32),
      origin: 'test',
      images: crafted.map(({ image }) => image),
      natural: crafted.map(({ natural }) => natural),
      ...(labels === 'chosen' && { chosenLabels: crafted.map(({ target }) => target) }),
    },
    owner: keyPairFrom(stream.bytes(32)),
  });
  return { commitment, triggers: HiddenTriggers.of(mark, commitment) };
}

async function engineOf(
  { machine, seed }: FalseClaimInput,
  { spec, weights }: Classifier,
): Promise<Engine> {
  const engine = await createEngine({ spec, optimizer: { kind: 'adam' }, seed }, machine);
  await engine.load(weights);
  return engine;
}

async function withEngine<T>(
  input: FalseClaimInput,
  classifier: Classifier,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await engineOf(input, classifier);
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}
