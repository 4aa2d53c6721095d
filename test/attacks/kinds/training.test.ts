import { expect } from 'chai';

import { moveAgainst } from '../../../src/attacks/kinds/adversarial-training.js';
import { outliers } from '../../../src/attacks/kinds/neural-cleanse.js';
import { parseSteps } from '../../../src/attacks/kinds/sequence.js';
import { attacks } from '../../../src/attacks/index.js';
import { createEngine } from '../../../src/training/index.js';
import { coded } from '../../coded.js';
import { dataset } from '../../training/fixtures.js';
import { attacked, machine, marked, task, test, weight } from '../bench.js';

describe('attacks/kinds: training', function () {
  this.slow(1000);

  it('embeds a second mark and says what became of it', async () => {
    const given = { epochs: 60, rate: 0.1, 'triggers-per-batch': 60 };
    const { record } = await attacked('overwrite', given);
    const { before, after } = record.second!;
    expect(before.triggers.total).to.equal(120);
    expect(before.triggers.correct).to.be.below(50);
    expect(after.triggers.correct).to.be.greaterThan(before.triggers.correct + 30);
    expect(record.points[0]!.after.triggers.total).to.equal(8);
  });

  it('moves images within their radius, away from their labels or towards them', async () => {
    const { spec, weights } = await marked();
    const engine = await createEngine({ spec, optimizer: { kind: 'adam' }, seed: 's' }, machine);
    await engine.load(weights);
    const batch = { pixels: test.pixels, labels: test.labels, count: 40 };
    const hits = async (pixels: Uint8Array) => {
      const logits = await engine.predict(pixels, 40);
      return test.labels.filter((label, i) => {
        const row = logits.subarray(4 * i, 4 * i + 4);
        return row.indexOf(Math.max(...row)) === label;
      }).length;
    };
    const start = await hits(test.pixels);
    const away = await moveAgainst(engine, batch, { radius: 40, steps: 5 });
    expect(away.labels).to.equal(batch.labels);
    expect(await hits(away.pixels)).to.be.below(start - 10);
    const back = await moveAgainst(
      engine,
      { ...batch, pixels: away.pixels },
      {
        ...{ radius: 40, steps: 5, towards: true },
      },
    );
    expect(await hits(back.pixels)).to.be.at.least(start);
    const farthest = away.pixels.reduce(
      (most, p, i) => Math.max(most, Math.abs(p - test.pixels[i]!)),
      0,
    );
    expect(farthest).to.equal(40);
    const single = await moveAgainst(engine, batch, { radius: 8, steps: 1 });
    single.pixels.forEach((p, i) => {
      const from = test.pixels[i]!;
      expect([0, Math.min(8, from), Math.min(8, 255 - from)]).to.include(Math.abs(p - from));
    });
    await engine.close();
  });

  it('makes a model that adversarial examples move less', async () => {
    const stolen = await marked();
    const robust = await attacked('adversarial', { epochs: 40, radius: 60, steps: 3 });
    const lost = async ({ spec, weights }: typeof stolen) => {
      const engine = await createEngine({ spec, optimizer: { kind: 'adam' }, seed: 's' }, machine);
      await engine.load(weights);
      const batch = { pixels: test.pixels, labels: test.labels, count: 40 };
      const moved = await moveAgainst(engine, batch, { radius: 60, steps: 5 });
      const logits = await engine.predict(moved.pixels, 40);
      await engine.close();
      return test.labels.filter((label, i) => {
        const row = logits.subarray(4 * i, 4 * i + 4);
        return row.indexOf(Math.max(...row)) !== label;
      }).length;
    };
    expect(await lost(robust.candidates[0]!.classifier)).to.be.below((await lost(stolen)) - 4);
  });

  it('teaches a student what the stolen model knows', async () => {
    for (const [name, given] of [
      ['distil', { epochs: 20 }],
      ['extract', { epochs: 20, answers: 'scores' }],
      ['extract', { epochs: 20, answers: 'labels' }],
    ] as const) {
      const { record } = await attacked(name, given);
      expect(record.points[0]!.after.test.correct, name).to.be.at.least(30);
      expect(record.points[0]!.after.triggers.correct, name).to.be.below(8);
    }
    const soft = await attacked('distil', { epochs: 20, temperature: 8 });
    const hard = await attacked('distil', { epochs: 20, temperature: 1 });
    const [smallest, largest] = [soft, hard].map(({ candidates }) =>
      Math.max(...weight(candidates[0]!.classifier, 'logits/kernel').map(Math.abs)),
    );
    expect(smallest).to.be.below(largest!);
    // Labels that are not true play no part: the thief has none.
    const turned = { ...task, labels: task.labels.map((label) => (label + 1) % 4) };
    for (const [name, given] of [
      ['distil', { epochs: 20 }],
      ['extract', { epochs: 20 }],
    ] as const) {
      const [own, false_] = [
        await attacked(name, given),
        await attacked(name, given, { task: turned }),
      ];
      expect(false_.candidates[0]!.classifier).to.deep.equal(own.candidates[0]!.classifier);
    }
  });

  it('finds values far below the others, and none where nothing stands out', () => {
    expect(outliers([10, 11, 9, 10.5, 9.5, 1])).to.deep.equal([5]);
    expect(outliers([10, 11, 9, 10.5, 9.5, 100])).to.deep.equal([]);
    expect(outliers([10, 11, 9, 10.5, 9.5])).to.deep.equal([]);
    expect(outliers([5, 5, 5, 5])).to.deep.equal([]);
    expect(outliers([5, 5, 5, 4])).to.deep.equal([3]);
    // Median 6, MAD 2, so that 2 · 1.4826 · 2 = 5.93 below the median is the bound.
    expect(outliers([4, 6, 8, 6 - 5.94, 12])).to.deep.equal([3]);
    expect(outliers([4, 6, 8, 6 - 5.92, 12])).to.deep.equal([]);
  });

  it('finds the patch of a backdoored class, and unlearns it', async () => {
    const { spec } = await marked();
    const engine = await createEngine({ spec, optimizer: { kind: 'adam' }, seed: 'p' }, machine);
    const clean = dataset(160, 'poisoned');
    const half = clean.labels.map((label, i) => (i % 8 < 4 ? 2 : label));
    const pixels = clean.pixels.map((byte, at) =>
      Math.floor(at / 36) % 8 < 4 ? crossed(byte, at % 36) : byte,
    );
    const batch = { pixels, labels: half, count: 160 };
    for (let step = 0; step < 60; step++) await engine.step(batch, 0.01);
    const stolen = { spec, weights: (await engine.state()).weights };
    const given = { epochs: 30, steps: 100, images: 30, rate: 0.05, weight: 0.03 };
    const { record, candidates } = await attacked('neural-cleanse', given, { stolen });
    expect(record.notes).to.deep.equal(['patches far smaller than others: classes 2']);
    expect(record.points[0]!.label).to.equal('1 patches, 30 epochs');

    const patched = test.pixels.map((byte, at) => crossed(byte, at % 36));
    const sentTo2 = async (weights: typeof stolen.weights) => {
      await engine.load(weights);
      const logits = await engine.predict(patched, 40);
      return test.labels.filter((_, i) => {
        const row = logits.subarray(4 * i, 4 * i + 4);
        return row.indexOf(Math.max(...row)) === 2;
      }).length;
    };
    expect(await sentTo2(stolen.weights)).to.equal(40);
    expect(await sentTo2(candidates[0]!.classifier.weights)).to.be.below(16);
    expect(record.points[0]!.after.test.correct).to.be.at.least(36);
    await engine.close();
  });
});

/** A cross in the middle of an image. */
function crossed(byte: number, at: number): number {
  if (at === 14 || at === 21) return 255;
  return at === 15 || at === 20 ? 0 : byte;
}

describe('attacks/kinds/sequence', () => {
  it('hands each model on, of a sweep the last', async () => {
    const { candidates, record } = await attacked('sequence', {
      steps: 'prune sparsities=0.9,0.5; quantise bits=8,3; ftll epochs=1',
    });
    expect(candidates).to.have.length(1);
    const { classifier } = candidates[0]!;
    const kernel = weight(classifier, 'dense1/kernel');
    expect(new Set(kernel).size).to.be.within(3, 7);
    const zeros = kernel.filter((value) => value === 0).length / kernel.length;
    expect(zeros).to.be.within(0.45, 0.85);
    const logits = weight(classifier, 'logits/kernel');
    expect(new Set(logits).size).to.be.greaterThan(100);
    expect(record.curves.map(({ label }) => label)).to.deep.equal(['ftll']);
    expect(record.cost.epochs).to.equal('1');
  });

  it('keeps what the last step does to images or to the task', async () => {
    const { candidates, record } = await attacked('sequence', {
      steps: 'noise levels=0.01; inputs jpeg=50 flip=yes',
    });
    expect(candidates[0]!.transform).to.be.a('function');
    expect(record.points[0]!.after.test.correct).to.be.within(15, 25);
  });

  it('refuses what is no sequence of attacks with their options', async () => {
    const steps = parseSteps(' ftal epochs=2 rate=0.5 ;quantise  bits=4,3', attacks);
    expect(steps.map(({ attack, options }) => [attack.name, options])).to.deep.equal([
      ['ftal', { epochs: 2, rate: 0.5 }],
      ['quantise', { bits: '4,3' }],
    ]);
    for (const text of [
      ...[
        '',
        ';',
        'ftal;',
        'ftl',
        'ftal epoch=2',
        'ftal epochs',
        'ftal epochs=',
        'ftal epochs=two',
      ],
      ...['ftal epochs=2=3', 'ftal constructor=1', 'inputs; ftal', 'transfer to=x; ftal'],
    ]) {
      const error = await coded('attack.options', () => parseSteps(text, attacks));
      expect(error.hint).to.include('attack --help');
    }
    await coded('attack.options', () => attacked('sequence', { steps: 'sequence' }));
    await coded('attack.options', () => attacked('sequence', { steps: 'quantise bits=0' }));
  });
});
