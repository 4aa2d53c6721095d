import { expect } from 'chai';
import fc from 'fast-check';

import { type Classifier } from '../../../src/attacks/index.js';
import { gaussians, uniforms } from '../../../src/attacks/kinds/draws.js';
import { pruneWeights } from '../../../src/attacks/kinds/pruning.js';
import { quantiseWeights } from '../../../src/attacks/kinds/weight-changes.js';
import { SeededStream } from '../../../src/crypto/index.js';
import { spec } from '../../training/fixtures.js';
import { sequential } from '../../training/networks.js';
import { attacked, marked, task, weight } from '../bench.js';

const kernels = ['dense1/kernel', 'logits/kernel'] as const;

/** Two kernels and a bias. */
function classifier(a: readonly number[], b: readonly number[]): Classifier {
  const bias = { name: 'bias', shape: [2], data: Float32Array.of(0.001, -0.002) };
  return {
    spec,
    weights: [
      { name: 'a', shape: [1, a.length], data: Float32Array.from(a) },
      bias,
      { name: 'b', shape: [b.length, 1], data: Float32Array.from(b) },
    ],
  };
}

const values = fc.array(
  fc.integer({ min: -3, max: 3 }).map((value) => value || 1),
  { minLength: 1, maxLength: 30 },
);

function zeros(data: Float32Array): number {
  return data.filter((value) => value === 0).length;
}

describe('attacks/kinds: weights', () => {
  it('prunes exactly the part that is asked, the smallest of all kernels, also among equals', () => {
    fc.assert(
      fc.property(values, values, fc.integer({ min: 0, max: 20 }), (a, b, twentieths) => {
        const part = twentieths / 20;
        const before = classifier(a, b);
        const after = pruneWeights(before, part);
        const [left, right] = [weight(after, 'a'), weight(after, 'b')];
        expect(zeros(left) + zeros(right)).to.equal(Math.round(part * (a.length + b.length)));
        expect(weight(after, 'bias')).to.deep.equal(weight(before, 'bias'));
        const gone = [...a, ...b].filter((_, i) => [...left, ...right][i] === 0).map(Math.abs);
        const kept = [...left, ...right].filter((value) => value !== 0).map(Math.abs);
        expect(Math.max(0, ...gone)).to.be.at.most(Math.min(Infinity, ...kept));
        left.forEach((value, i) => {
          if (value !== 0) expect(value).to.equal(a[i]);
        });
      }),
    );
  });

  it('keeps pruned weights at zero while it tunes, and the others change', async () => {
    const { candidates } = await attacked('prune', { sparsities: '0.5', epochs: 2, rate: 0.1 });
    const stolen = await marked();
    const pruned = pruneWeights(stolen, 0.5);
    for (const name of kernels) {
      const [tuned, start] = [weight(candidates[0]!.classifier, name), weight(pruned, name)];
      tuned.forEach((value, i) => {
        expect(value === 0).to.equal(start[i] === 0);
      });
      expect(tuned).not.to.deep.equal(start);
    }
  });

  it('rounds kernels to at most 2^bits − 1 values, none by more than half a step', async () => {
    const { candidates } = await attacked('quantise', { bits: '8,4,3,2' });
    const stolen = await marked();
    for (const [i, bits] of [8, 4, 3, 2].entries()) {
      for (const name of kernels) {
        const [before, after] = [weight(stolen, name), weight(candidates[i]!.classifier, name)];
        expect(new Set(after).size).to.be.within(2, 2 ** bits - 1);
        const largest = Math.max(...before.map(Math.abs));
        const half = largest / (2 ** (bits - 1) - 1) / 2;
        before.forEach((value, j) => {
          expect(after[j]).to.be.closeTo(value, half * 1.0001);
        });
        expect(Math.max(...after.map(Math.abs))).to.equal(largest);
      }
      const bias = 'dense1/bias';
      expect(weight(candidates[i]!.classifier, bias)).to.equal(weight(stolen, bias));
    }
    const nothing = classifier([0, 0], [0]);
    expect(quantiseWeights(nothing, 3)).to.deep.equal(nothing);
  });

  it('adds noise of the spread that it says, to kernels alone', async () => {
    const { candidates } = await attacked('noise', { levels: '0.5' });
    const stolen = await marked();
    const noisy = candidates[0]!.classifier;
    const [before, after] = [weight(stolen, kernels[0]), weight(noisy, kernels[0])];
    const noise = after.map((value, i) => value - before[i]!);
    expect(deviation(noise) / deviation(before)).to.be.closeTo(0.5, 0.02);
    expect(weight(noisy, 'dense1/bias')).to.equal(weight(stolen, 'dense1/bias'));
    const none = await attacked('noise', { levels: '0' });
    expect(weight(none.candidates[0]!.classifier, kernels[0])).to.deep.equal(before);
  });

  it('takes the mean filter away', async () => {
    const { candidates } = await attacked('shift', { levels: '1,0.5', epochs: 0 });
    const [whole, half] = candidates.map((each) => weight(each.classifier, 'logits/kernel'));
    const before = weight(await marked(), 'logits/kernel');
    for (let row = 0; row < 128; row++) {
      const filter = before.subarray(4 * row, 4 * row + 4);
      const mean = filter.reduce((a, b) => a + b) / 4;
      filter.forEach((value, c) => {
        expect(whole![4 * row + c]).to.be.closeTo(value - mean, 1e-6);
        expect(half![4 * row + c]).to.be.closeTo(value - mean / 2, 1e-6);
      });
    }
  });

  it('silences the channels that images leave asleep, and they stay so', async () => {
    const stolen = await marked();
    const { candidates, record } = await attacked('fine-prune', {
      fractions: '0.25,1',
      epochs: 2,
      rate: 0.1,
    });
    expect(record.points.map(({ value }) => value)).to.deep.equal(['0.25', '1']);
    const [quarter, all] = candidates.map((each) => silent(each.classifier, 128));
    expect(quarter).to.have.length(32);
    expect(all).to.have.length(128);
    expect(record.notes.join()).to.include('dense1');
    // From the definition: the mean of each ReLU over the thief's images.
    const means = meansOfReLUs(stolen);
    const order = [...means.keys()].sort((a, b) => means[a]! - means[b]!);
    const bound = means[order[31]!]!;
    for (const channel of quarter!) expect(means[channel]).to.be.at.most(bound + 1e-5);
  });

  it('silences a channel behind its normalisation, gain and offset, too', async () => {
    const network = await sequential((layers) => [
      layers.conv2d({ filters: 8, kernelSize: 3, useBias: false, name: 'dense1' }),
      layers.batchNormalization({ name: 'normal' }),
      // No ReLU: it would keep what is silent so by itself.
      layers.activation({ activation: 'tanh', name: 'tanh' }),
      layers.flatten({ name: 'flatten' }),
      layers.dense({ units: 4, name: 'logits' }),
    ]);
    const stolen = await marked(network);
    const given = { fractions: '0.5', epochs: 2, rate: 0.05 };
    const { candidates } = await attacked('fine-prune', given, { stolen });
    const { classifier } = candidates[0]!;
    const kernel = weight(classifier, 'dense1/kernel');
    const gone = [...Array(8).keys()].filter((c) => kernel.every((v, i) => i % 8 !== c || v === 0));
    expect(gone).to.have.length(4);
    for (const name of ['normal/gamma', 'normal/beta']) {
      const data = weight(classifier, name);
      expect([...data.keys()].filter((c) => data[c] === 0)).to.deep.equal(gone);
    }
  });
});

function silent(of: Classifier, width: number): number[] {
  const [kernel, bias] = [weight(of, 'dense1/kernel'), weight(of, 'dense1/bias')];
  const isSilent = (c: number) =>
    bias[c] === 0 && kernel.every((v, i) => i % width !== c || v === 0);
  return [...Array(width).keys()].filter(isSilent);
}

function meansOfReLUs(of: Classifier): number[] {
  const [kernel, bias] = [weight(of, 'dense1/kernel'), weight(of, 'dense1/bias')];
  const { pixels } = task;
  return Array.from({ length: 128 }, (_, c) => {
    let sum = 0;
    for (let image = 0; image < 80; image++) {
      let value = bias[c]!;
      for (let p = 0; p < 36; p++) {
        value += ((pixels[36 * image + p]! / 255 - 0.5) / 0.5) * kernel[128 * p + c]!;
      }
      sum += Math.max(0, value);
    }
    return sum / 80;
  });
}

function deviation(data: Float32Array): number {
  const mean = data.reduce((a, b) => a + b) / data.length;
  return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
}

describe('attacks/kinds/draws', () => {
  it('are standard normal and uniform, and follow from the stream', () => {
    const stream = () => new SeededStream('test/draws', []);
    const [normal, uniform, again] = [gaussians(stream()), uniforms(stream()), gaussians(stream())];
    const draws = Float32Array.from({ length: 20_000 }, normal);
    expect(draws.slice(0, 9)).to.deep.equal(Float32Array.from({ length: 9 }, again));
    expect(draws.reduce((a, b) => a + b) / draws.length).to.be.closeTo(0, 0.03);
    expect(deviation(draws)).to.be.closeTo(1, 0.03);
    const within = (bound: number) =>
      draws.filter((x) => Math.abs(x) < bound).length / draws.length;
    expect(within(1)).to.be.closeTo(0.6827, 0.02);
    expect(within(2)).to.be.closeTo(0.9545, 0.01);
    const flat = Float32Array.from({ length: 20_000 }, uniform);
    expect(flat.every((x) => x >= 0 && x < 1)).to.equal(true);
    for (const bound of [0.1, 0.5, 0.9]) {
      expect(flat.filter((x) => x < bound).length / flat.length).to.be.closeTo(bound, 0.02);
    }
  });
});
