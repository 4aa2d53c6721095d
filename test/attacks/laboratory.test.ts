import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';

import {
  type Attack,
  type AttackOptions,
  attacks,
  checkedOptions,
  type Classifier,
  sameHead,
} from '../../src/attacks/index.js';
import { coded } from '../coded.js';
import { classNames, dataset, shape } from '../training/fixtures.js';
import { foreign } from '../training/networks.js';
import { attacked, attackNamed, marked } from './bench.js';

/** What makes an attack one of a moment. */
const quick: Readonly<Record<string, AttackOptions>> = {
  ...{ ftll: { epochs: 1 }, ftal: { epochs: 1 }, rtll: { epochs: 1 }, rtal: { epochs: 1 } },
  'label-smoothing': { epochs: 1 },
  adversarial: { epochs: 1 },
  prune: { sparsities: '0.25,0.75' },
  'fine-prune': { fractions: '0.5,0.75', epochs: 1 },
  noise: { levels: '0.1,1' },
  shift: { levels: '0.5', epochs: 1 },
  distil: { epochs: 1 },
  extract: { epochs: 1, queries: 30 },
  'neural-cleanse': { epochs: 1, steps: 2, images: 4 },
  inputs: { jpeg: '50', blur: '1', noise: '8,16', bits: '3', flip: 'no' },
  sequence: { steps: 'noise levels=0.1; quantise bits=4,3' },
  transfer: { to: 'elsewhere', epochs: 1 },
};

/** Labels of the candidates, where they are not the one of the title. */
const labels: Readonly<Record<string, string[]>> = {
  ftll: ['1 epochs at 0.01'],
  prune: ['sparsity 0.25', 'sparsity 0.75'],
  'fine-prune': ['64 of 128 channels', '96 of 128 channels'],
  quantise: [8, 7, 6, 5, 4, 3].map((bits) => `${bits} bits`),
  noise: ['noise 0.1', 'noise 1'],
  inputs: ['JPEG quality 50', 'blur 1', 'noise 8', 'noise 16', '3 bits a pixel'],
  sequence: ['noise levels=0.1; quantise bits=4,3'],
};

const elsewhere = {
  readData: () =>
    Promise.resolve({
      task: { ...dataset(20, 'other'), classNames: [...classNames].reverse() },
      test: dataset(12, 'other test'),
    }),
};

function changedWeights(a: Classifier, b: Classifier): string[] {
  return a.weights
    .filter(({ data }, i) => data.some((value, j) => value !== b.weights[i]?.data[j]))
    .map(({ name }) => name);
}

describe('attacks/laboratory', function () {
  this.slow(1000);

  // Overwriting takes a claim of its own, of the usual size: see there.
  for (const attack of attacks.filter(({ name }) => name !== 'overwrite')) {
    it(`runs ${attack.name}, twice alike, and leaves no tensor behind`, async () => {
      const stolen = await marked();
      const before = stolen.weights.map(({ data }) => data.slice());
      await attacked(attack.name, quick[attack.name], elsewhere);
      const tensors = tf.memory().numTensors;
      const [a, b] = [
        await attacked(attack.name, quick[attack.name], elsewhere),
        await attacked(attack.name, quick[attack.name], elsewhere),
      ];
      expect(tf.memory().numTensors).to.equal(tensors);
      const timeless = { ...b.record, cost: { ...b.record.cost, seconds: a.record.cost.seconds } };
      expect(timeless).to.deep.equal(a.record);
      expect(stolen.weights.map(({ data }) => data)).to.deep.equal(before);
      const { record, candidates } = a;
      const wanted = labels[attack.name];
      if (wanted) expect(record.points.map(({ label }) => label)).to.deep.equal(wanted);
      else expect(record.points).to.have.length(1);
      expect(candidates).to.have.length(record.points.length);
      expect(record.before.triggers).to.include({ correct: 8, total: 8 });
      expect(record.before.verdict).to.equal('proved');
      expect(
        record.points.every(({ value }) => (value !== '') === (attack.axis !== undefined)),
      ).to.equal(true);
    });
  }

  it('gives another model for another seed', async () => {
    for (const name of ['noise', 'rtal']) {
      const [a, b] = [
        await attacked(name, quick[name]),
        await attacked(name, quick[name], { seed: 't' }),
      ];
      const [one, other] = [a, b].map(({ candidates }) => candidates[0]!.classifier);
      expect(changedWeights(one!, other!), name).not.to.deep.equal([]);
    }
  });

  it('fine-tunes the head alone where that is the attack, and everything where it is not', async () => {
    const stolen = await marked();
    for (const [name, isHead] of [
      ['ftll', true],
      ['rtll', true],
      ['ftal', false],
    ] as const) {
      const { candidates } = await attacked(name, quick[name]);
      const names = changedWeights(candidates[0]!.classifier, stolen);
      const head = ['logits/kernel', 'logits/bias'];
      const all = ['dense1/kernel', 'dense1/bias', ...head];
      expect(names, name).to.deep.equal(isHead ? head : all);
      expect(await sameHead(candidates[0]!.classifier, stolen)).to.equal(false);
    }
  });

  it('finds the whole mark again under the owner’s head where the body is as it was', async () => {
    const { record } = await attacked('rtll', { epochs: 2 });
    expect(record.points[0]!.ownerHead).to.deep.equal(record.before);
    expect(record.points[0]!.after).not.to.deep.equal(record.before);
    const tuned = await attacked('ftal', quick['ftal']);
    expect(tuned.record.points[0]!.ownerHead).not.to.equal(undefined);
    const pruned = await attacked('prune', { sparsities: '0' });
    expect(pruned.record.points[0]).not.to.have.property('ownerHead');
    expect(pruned.record.points[0]!.after).to.deep.equal(pruned.record.before);
  });

  it('measures a model for other classes by its own', async () => {
    const three = classNames.slice(0, 3);
    const fewer = (count: number, seed: string) => {
      const all = dataset(count, seed);
      return { ...all, classNames: three, labels: all.labels.map((label) => label % 3) };
    };
    const { record, candidates } = await attacked(
      'transfer',
      { to: 'three', epochs: 30 },
      { readData: () => Promise.resolve({ task: fewer(80, 'owner'), test: fewer(80, 'owner') }) },
    );
    const [{ after, ownerHead } = expect.fail()] = record.points;
    expect(record.otherTask).to.equal('three');
    expect(candidates[0]!.classifier.spec.classes).to.equal(3);
    expect(after.test.correct / after.test.total).to.be.greaterThan(0.7);
    expect(after.test.total).to.equal(80);
    expect(ownerHead?.triggers.total).to.equal(8);
  });

  it('counts epochs, curves and queries', async () => {
    const tuned = (await attacked('prune', { sparsities: '0.1,0.2', epochs: 2 })).record;
    expect(tuned.cost).to.include({ epochs: '4', queries: 0 });
    expect(tuned.curves.map(({ label }) => label)).to.deep.equal(['sparsity 0.1', 'sparsity 0.2']);
    expect(tuned.curves[0]!.epochs.map(({ epoch }) => epoch)).to.deep.equal([1, 2]);
    expect(tuned.curves[0]!.epochs[1]!.triggers.total).to.equal(8);
    expect(tuned.backend).to.match(/^wasm/);
    expect((await attacked('distil', quick['distil'])).record.cost.queries).to.equal(80);
    const asked = (await attacked('extract', quick['extract'])).record;
    expect(asked.cost).to.include({ epochs: '0.375', queries: 30 });
    const most = (await attacked('extract', { epochs: 1, queries: 1000 })).record;
    expect(most.cost.queries).to.equal(80);
    const noise = { ...quick['extract'], images: 'random', answers: 'scores', queries: 100 };
    expect((await attacked('extract', noise)).record.cost.queries).to.equal(100);
  });

  it('attacks a network of somebody else', async () => {
    const stolen = await marked(await foreign());
    for (const name of ['rtal', 'prune', 'distil', 'fine-prune']) {
      const { candidates } = await attacked(name, quick[name], { stolen });
      expect(candidates[0]!.classifier.spec).to.deep.equal(stolen.spec);
      expect(changedWeights(candidates[0]!.classifier, stolen)).not.to.deep.equal([]);
    }
    const student = { ...quick['distil'], student: 'cnn-small' };
    const { candidates } = await attacked('distil', student, { stolen });
    expect(candidates[0]!.classifier.spec).to.deep.equal({
      ...{ architecture: 'cnn-small', shape, classes: 4 },
      preprocessing: stolen.spec.preprocessing,
    });
  });

  it('stops when it is told so, in training and between models, and gives no record', async () => {
    for (const [name, given] of [
      ['ftal', { epochs: 3 }],
      ['noise', {}],
      ['neural-cleanse', { steps: 1 }],
      ['distil', { epochs: 3 }],
    ] as const) {
      const stop = new AbortController();
      let candidates = 0;
      const waiting: Attack = {
        ...attackNamed(name),
        async *run(context, options) {
          stop.abort();
          for await (const candidate of attackNamed(name).run(context, options)) {
            candidates++;
            yield candidate;
          }
        },
      };
      await coded('training.stopped', () =>
        attacked(name, given, {
          attack: waiting,
          options: checkedOptions(waiting, given),
          signal: stop.signal,
        }),
      );
      expect(candidates).to.be.at.most(1);
    }
  });

  it('takes the options that an attack has, and no others', async () => {
    const ftal = attackNamed('ftal');
    expect(checkedOptions(ftal, { epochs: 3 })).to.deep.equal({ epochs: 3, rate: 0.01 });
    for (const given of [
      { epoch: 3 },
      { epochs: NaN },
      { epochs: Infinity },
      { epochs: '3' },
      { constructor: 1 } as unknown as AttackOptions,
    ]) {
      const error = await coded('attack.options', () => checkedOptions(ftal, given));
      expect(error.hint).to.include('attack ftal --help');
    }
    await coded('attack.options', () => checkedOptions(attackNamed('prune'), { sparsities: 1 }));
  });

  const nonsense: [string, AttackOptions][] = [
    ['prune', { sparsities: 'half' }],
    ['prune', { sparsities: '0.5,' }],
    ['prune', { sparsities: '1.1' }],
    ['fine-prune', { fractions: '-0.1' }],
    ['quantise', { bits: '1' }],
    ['quantise', { bits: '3.5' }],
    ['noise', { levels: 'NaN' }],
    ['extract', { queries: 0 }],
    ['extract', { queries: 1.5 }],
    ['extract', { answers: 'label' }],
    ['extract', { images: 'noise' }],
    ['distil', { temperature: 0 }],
    ['adversarial', { radius: 0 }],
    ['adversarial', { steps: 0.5 }],
    ['neural-cleanse', { patched: 2 }],
    ['neural-cleanse', { images: 0 }],
    ['inputs', { jpeg: '0' }],
    ['inputs', { bits: '0' }],
    ['inputs', { blur: '-1' }],
    ['inputs', { flip: 'maybe' }],
  ];
  it('refuses values that mean nothing, and training what it refuses itself', async () => {
    for (const [name, given] of nonsense) {
      const error = await coded('attack.options', () => attacked(name, given));
      expect(error.message).to.include(Object.keys(given)[0]);
    }
    await coded('training.options', () => attacked('ftal', { epochs: 0.5 }));
    await coded('architecture.unknown', () => attacked('distil', { student: 'vgg' }));
  });
});
