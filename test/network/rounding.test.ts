import * as tf from '@tensorflow/tfjs-layers';
import { expect } from 'chai';

import {
  decodeNetwork,
  type FloatLayer,
  type IntegerNetwork,
  logitBound,
  type NamedWeights,
  readLayers,
  runNetwork,
} from '../../src/network/index.js';
import { selectBackend } from '../../src/training/backend.js';
import { coded } from '../coded.js';
import * as twin from '../twin/network.js';
import {
  chain,
  drawWeights,
  preprocessing,
  quantised,
  randomImages,
  saved,
  scalesOf,
} from './models.js';

const [A, S] = [9, 8];
const shape = { height: 6, width: 5, channels: 2 };
const images = randomImages(shape, 5, 'rounding');

describe('network/rounding', () => {
  let layers: FloatLayer[];
  let network: IntegerNetwork;
  let weights: (name: string) => number[];
  before(async () => {
    await selectBackend('cpu');
    const x = tf.input({ shape: [6, 5, 2] });
    const y = chain(
      x,
      tf.layers.conv2d({ name: 'conv', filters: 3, kernelSize: 3, activation: 'relu' }),
      tf.layers.flatten(),
      tf.layers.dense({ name: 'logits', units: 4 }),
    );
    const model = tf.model({ inputs: x, outputs: y });
    drawWeights(model, 'rounding');
    const files = await saved(model);
    layers = readLayers(files.topology, files.weights);
    network = quantised(layers, images, { A, S });
    weights = (name) =>
      Array.from(files.weights.find((one: NamedWeights) => one.name === name)!.data);
    model.dispose();
  });

  /** Half a unit, and what the division by it may lose. */
  const near = (integer: bigint | undefined, unit: number, value: number): void => {
    expect(Math.abs(Number(integer) * unit - value)).to.be.at.most(unit * (0.5 + 1e-9));
  };

  it('gives the nearest integer of every weight and bias in its channel’s unit', () => {
    const { integers, scales, logitScale } = twin.readNetwork(network.bytes);
    const [conv = [], dense = []] = integers;
    const [units = []] = scales;
    const { mean, std } = preprocessing(2);
    const [kernel, bias] = [weights('conv/kernel'), weights('conv/bias')];
    expect([conv.length, dense.length]).to.deep.equal([3 * 3 * 2 * 3 + 3, 12 * 3 * 4 + 4]);
    kernel.forEach((value, w) => {
      const [c, f] = [Math.floor(w / 3) % 2, w % 3];
      near(conv[w], units[f]! / 2 ** S, value / (255 * std[c]!));
      bias[f]! -= (value * mean[c]!) / std[c]!;
    });
    bias.forEach((value, f) => {
      near(conv[kernel.length + f]! - 2n ** BigInt(S - 1), units[f]! / 2 ** S, value);
    });
    const [matrix, offsets] = [weights('logits/kernel'), weights('logits/bias')];
    matrix.forEach((value, w) => {
      near(dense[w], logitScale, value * units[Math.floor(w / 4) % 3]!);
    });
    offsets.forEach((value, k) => {
      near(dense[matrix.length + k], logitScale, value);
    });
  });

  it('is the same from the scales of the file, and another from others', async () => {
    const read = decodeNetwork(network.bytes);
    const scales = scalesOf(read);
    const again = quantised(layers, images, { A, S, scales: { kind: 'given', scales } });
    expect(again.bytes).to.deep.equal(network.bytes);
    const larger = scales.map((one) => one.map((scale) => scale * 1.01));
    const other = quantised(layers, images, { A, S, scales: { kind: 'given', scales: larger } });
    expect(other.digest).to.not.deep.equal(network.digest);
    for (const wrong of [[], [Float64Array.of(1, 1)]]) {
      const given = { kind: 'given', scales: wrong } as const;
      await coded('network.scale', () => quantised(layers, images, { A, S, scales: given }));
    }
  });

  it('leaves the calibration images room of the headroom, and no more than that', () => {
    const most = Math.max(
      ...images.map((image) => {
        const { q } = runNetwork(network, image);
        return q.reduce((sum, value) => Math.max(sum, Math.abs(value)), 0);
      }),
    );
    expect(most * 1.5).to.be.within(2 ** A - 4, 2 ** A + 4);
  });

  it('gives logits within 2^38, as fine as that allows', () => {
    const { logits, header } = twin.readNetwork(network.bytes);
    const outputs = 2 ** header.A - 1;
    const worst = logits.map(({ weights: own, constant }) =>
      [...own.values()].reduce(
        (sum, weight) => sum + Math.abs(Number(weight)) * outputs,
        Math.abs(Number(constant)),
      ),
    );
    expect(Math.max(...worst)).to.be.at.most(logitBound);
    const largest = Math.max(
      ...logits.flatMap(({ weights: own }) => [...own.values()].map(Number).map(Math.abs)),
    );
    expect(Math.max(...worst) > logitBound / 4 || largest >= 2 ** 29).to.be.true;
  });

  it('refuses weights that 32 bits do not hold', async () => {
    const given = { kind: 'given', scales: [Float64Array.of(1e-12, 1, 1)] } as const;
    await coded('network.scale', () => quantised(layers, images, { A, S, scales: given }));
  });
});
