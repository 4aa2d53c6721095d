import {
  type Commitment,
  createCommitment,
  defaultCounts,
  HiddenTriggers,
  type Parameters,
} from '../../commitment/index.js';
import { keyPairFrom, type SeededStream } from '../../crypto/index.js';
import type { Dataset } from '../../training/index.js';
import { imagesFromSecret } from '../../triggers/index.js';
import { type Attack, numberOf } from '../attack.js';
import { fineTuningOptions, fineTuningRecipe } from './fine-tuning.js';

/** A claim and its hidden triggers. */
export interface Claim {
  readonly commitment: Commitment;
  readonly triggers: HiddenTriggers;
}

/**
 * The paper's ownership piracy: the thief marks the stolen model once more, with triggers of his own, in the same way. The record's
 * `second` says what became of his mark.
 */
export const overwriting: Attack = {
  name: 'overwrite',
  title: 'Overwrite with a second mark',
  describe: 'Embed the thief’s own mark as the owner did (Adi et al. 2018, section 6.4)',
  options: {
    ...fineTuningOptions,
    'triggers-per-batch': { describe: 'The thief’s triggers in every batch of 100', default: 2 },
  },
  async *run({ stolen, train, task, stream, measureSecond, progress }, options) {
    progress(0, 1, 'making the thief’s claim');
    const claim = claimOf(task, stream('second mark'));
    await measureSecond('before', claim, stolen);
    const recipe = {
      ...fineTuningRecipe(options),
      triggersPerBatch: numberOf(options, 'triggers-per-batch'),
    };
    const { triggers } = claim;
    const classifier = await train({ label: 'overwrite', classifier: stolen, recipe, triggers });
    await measureSecond('after', claim, classifier);
    yield { label: `a second mark, ${recipe.epochs} epochs`, classifier };
  },
};

/** A claim of the default size whose secret comes from a stream: for experiments, never for evidence. */
export function claimOf({ shape, classNames }: Dataset, stream: SeededStream): Claim {
  const secret = stream.bytes(32);
  const count = defaultCounts.hidden + defaultCounts.audited;
  const parameters: Parameters = {
    labelMode: 'derived',
    natural: 'none',
    shape,
    classNames,
    ...defaultCounts,
    origin: 'test',
  };
  const { commitment, mark } = createCommitment({
    parameters,
    source: {
      secret,
      origin: 'test',
      images: imagesFromSecret({ secret, count, shape }),
      natural: new Array<number>(count).fill(classNames.length),
    },
    owner: keyPairFrom(stream.bytes(32)),
  });
  return { commitment, triggers: HiddenTriggers.of(mark, commitment) };
}
