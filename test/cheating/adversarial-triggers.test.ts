import { expect } from 'chai';

import { moveAgainst } from '../../src/attacks/kinds/adversarial-training.js';
import { formatShape, type Image } from '../../src/base/index.js';
import { createCommitment, type LabelMode } from '../../src/commitment/index.js';
import { keyPairFrom } from '../../src/crypto/index.js';
import type { Policy, Suspect } from '../../src/protocol/index.js';
import { createEngine, type Engine, predictLabels, train } from '../../src/training/index.js';
import type { NullModel } from '../../src/verifier/index.js';
import { expectEnding } from '../support/cheat.js';
import { type Claim, noiseImages, testPolicy } from '../support/claim.js';
import { runSession } from '../support/session.js';
import { classNames, dataset, options, shape } from '../training/fixtures.js';

/**
 * Attack: triggers are adversarial examples (I-FGSM) with the classes that models of the task take them for, as in the false claims of Liu et al.
 * (USENIX Security 2024). Chosen labels match any model of the task, but the judge's own models too; derived labels match none.
 */
describe('a claim of adversarial examples', function () {
  this.slow(20_000);
  const pairs = { hidden: 20, audited: 4, batchSize: 20 };
  const count = pairs.hidden + pairs.audited;
  const policy: Policy = { ...testPolicy, alphaBits: 10, grindingBits: 0, suspectBits: 0 };
  const engines: Engine[] = [];
  let images: Image[];
  let natural: number[];
  let moved: number[];

  async function model(seed: string): Promise<Engine> {
    const all = { ...options, epochs: 6, seed };
    const engine = await createEngine(all, { backend: 'wasm', workers: 1 });
    engines.push(engine);
    const [task, test] = [dataset(120, `data of ${seed}`), dataset(8, 'test')];
    await train({ engine, task, test, options: all });
    return engine;
  }

  before(async () => {
    const own = await model('claimant');
    const start = dataset(count, 'images of the claimant');
    natural = [...start.labels];
    moved = natural.map((label) => (label + 1) % 4);
    const batch = { pixels: start.pixels, labels: Int32Array.from(moved), count };
    const { pixels } = await moveAgainst(own, batch, { radius: 90, steps: 10, towards: true });
    images = moved.map((_, i) => ({ shape, pixels: pixels.slice(36 * i, 36 * (i + 1)) }));
  });

  after(async () => {
    for (const engine of engines) await engine.close();
  });

  function claimOf(labelMode: LabelMode): Claim {
    const owner = keyPairFrom(new Uint8Array(32).fill(9));
    const { commitment, mark } = createCommitment({
      parameters: { labelMode, natural: 'given', shape, classNames, ...pairs, origin: 'system' },
      source: {
        secret: new Uint8Array(32).fill(5),
        origin: 'system',
        images,
        natural,
        ...(labelMode === 'chosen' && { chosenLabels: moved }),
      },
      owner,
    });
    return { owner, commitment, mark };
  }

  function suspectOf(engine: Engine): Suspect {
    return {
      descriptor: {
        kind: 'test',
        identity: 'a model of somebody else',
        shape: formatShape(shape),
        classes: 4,
        preprocessing: 'none',
        digest: '5d'.repeat(32),
      },
      classify: async (asked) => {
        const pixels = Uint8Array.from(asked.flatMap((image) => [...image.pixels]));
        const labels = await predictLabels(engine, { shape, pixels }, { classes: 4 });
        return [...labels].map((label) => ({ label }));
      },
      close: () => Promise.resolve(),
    };
  }

  const asNull = (engine: Engine, i: number): NullModel => ({
    digest: `${i}`.padStart(64, '0'),
    labelMap: [0, 1, 2, 3],
    open: () => Promise.resolve(suspectOf(engine)),
  });

  async function decide(labelMode: LabelMode, suspect: Engine, nullModels: NullModel[]) {
    const decoys = noiseImages('decoys', 20, shape).map((image) => ({
      image,
      kind: 'abstract' as const,
    }));
    const judge = { policy, decoys, suspect: suspectOf(suspect), nullModels };
    return (await runSession(claimOf(labelMode), { judge })).judge;
  }

  it('wins with chosen labels against a model that it never saw, and is refused by ten null models', async () => {
    const suspect = await model('suspect');
    const alone = await decide('chosen', suspect, []);
    const { matched = 0, threshold = 99 } = alone.outcome.decision ?? {};
    expect(matched).to.be.at.least(threshold);
    expect(alone.outcome).to.include({ verdict: 'inconclusive', cause: 'nulls.too-few' });

    const nulls: NullModel[] = [];
    for (let i = 0; i < 10; i++) nulls.push(asNull(await model(`null ${i}`), i));
    const judged = await decide('chosen', suspect, nulls);
    expectEnding(judged, { verdict: 'not-proved', cause: '', fault: 'nobody' }, { policy });
    expect(judged.outcome.decision?.matched).to.equal(matched);

    const derived = await decide('derived', suspect, nulls);
    expectEnding(derived, { verdict: 'not-proved', cause: '', fault: 'nobody' }, { policy });
  });
});
