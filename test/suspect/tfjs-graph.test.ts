import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';

import type { Image } from '../../src/base/index.js';
import type { Suspect } from '../../src/protocol/index.js';
import { type GraphOptions, openTfjsGraphSuspect } from '../../src/suspect/index.js';
import { loadModelFolder } from '../../src/training/loaded-model.js';
import { modelDigest } from '../../src/training/model-files.js';
import { coded } from '../coded.js';

const shape = { height: 1, width: 2, channels: 3 };
const classes = 6;

const float = { T: { type: 'DT_FLOAT' } };
const placeholder = (sides: readonly number[], type = 'DT_FLOAT') => ({
  name: 'x',
  op: 'Placeholder',
  attr: {
    dtype: { type },
    shape: { shape: { dim: [-1, ...sides].map((size) => ({ size: String(size) })) } },
  },
});
const constant = (name: string, type = 'DT_FLOAT') => ({
  name,
  op: 'Const',
  attr: { dtype: { type } },
});
/** x flattened, times w, and what `tail` makes of that. */
const nodes = (tail: readonly object[], input: object = placeholder([1, 2, 3])): object[] => [
  input,
  constant('sides', 'DT_INT32'),
  constant('w'),
  { name: 'cast', op: 'Cast', input: ['x'], attr: { DstT: { type: 'DT_FLOAT' } } },
  { name: 'flat', op: 'Reshape', input: ['cast', 'sides'], attr: float },
  {
    name: 'y',
    op: 'MatMul',
    input: ['flat', 'w'],
    attr: { ...float, transpose_a: { b: false }, transpose_b: { b: false } },
  },
  ...tail,
];
const softmax = { name: 's', op: 'Softmax', input: ['y'], attr: float };

function brightAt(place: number): Image {
  return { shape, pixels: Uint8Array.from({ length: 6 }, (_, i) => (i === place ? 200 : 10)) };
}

describe('a suspect that is a graph model of TensorFlow.js', () => {
  let folder: string;
  const write = async (node: readonly object[]): Promise<void> => {
    const weights = [
      { name: 'sides', shape: [2], dtype: 'int32' },
      { name: 'axis', shape: [], dtype: 'int32' },
      { name: 'w', shape: [6, classes], dtype: 'float32' },
    ];
    const model = {
      format: 'graph-model',
      generatedBy: '2.15.0',
      convertedBy: null,
      modelTopology: { node, library: {}, versions: { producer: 1 } },
      weightsManifest: [{ paths: ['group1-shard1of1.bin'], weights }],
    };
    await writeFile(join(folder, 'model.json'), JSON.stringify(model));
    const identity = Float32Array.from({ length: 36 }, (_, i) => Number(i % 7 === 0));
    const bytes = [Int32Array.of(-1, 6, 1), identity].map(({ buffer }) => new Uint8Array(buffer));
    await writeFile(join(folder, 'group1-shard1of1.bin'), Buffer.concat(bytes));
  };
  const open = (change: Partial<GraphOptions> = {}): Promise<Suspect> =>
    openTfjsGraphSuspect(folder, { backend: 'wasm', shape, classes, ...change });
  const ask = async (suspect: Suspect, places: readonly number[]): Promise<unknown[]> => {
    const answers = await suspect.classify(places.map(brightAt));
    await suspect.close();
    return answers.map((answer) => ('label' in answer ? answer.label : answer.refused));
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-graph-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('answers in order, is described, and leaves no tensor behind', async () => {
    await write(nodes([softmax]));
    await (await open()).close();
    const tensors = tf.memory().numTensors;
    const suspect = await open();
    const { digest, ...stated } = suspect.descriptor;
    expect(digest).to.match(/^[0-9a-f]{64}$/);
    expect(stated).to.deep.equal({
      kind: 'tfjs-graph',
      identity: await modelDigest(folder),
      shape: '1x2x3',
      classes,
      preprocessing: '(pixel / 255 - mean) / std for each channel, mean 0 0 0, std 1 1 1',
    });
    const odd = { shape: { ...shape, width: 1 }, pixels: new Uint8Array(3) };
    expect(await suspect.classify([odd])).to.deep.equal([{ refused: 'suspect.shape' }]);
    expect(await ask(suspect, [3, 0, 5, 1])).to.deep.equal([3, 0, 5, 1]);
    expect(tf.memory().numTensors).to.equal(tensors);
  });

  it('is preprocessed as it is told to, or gets bytes where it takes whole numbers', async () => {
    const scores: number[] = [];
    const onScore = (score: number): void => void scores.push(score);
    await write(nodes([]));
    const preprocessing = { mean: [0, 0, 1], std: [1, 0.5, 1] };
    await ask(await open({ preprocessing, onScore }), [1]);
    await write(nodes([], placeholder([-1, -1, 3], 'DT_INT32')));
    await ask(await open({ onScore }), [1]);
    expect(scores[0]).to.be.closeTo(200 / 255 / 0.5, 1e-6);
    expect(scores[1]).to.equal(200);
  });

  it('may answer with labels', async () => {
    const argmax = { name: 'l', op: 'ArgMax', input: ['y', 'axis'], attr: float };
    await write(nodes([constant('axis', 'DT_INT32'), argmax]));
    expect(await ask(await open(), [4, 2])).to.deep.equal([4, 2]);
  });

  it('that gives no numbers refuses those images alone', async () => {
    await write(nodes([{ name: 's', op: 'Log', input: ['y'], attr: float }]));
    const suspect = await open();
    const dark = { shape, pixels: new Uint8Array(6) };
    expect(await suspect.classify([dark, brightAt(1)])).to.deep.equal([
      { refused: 'suspect.answer' },
      { label: 1 },
    ]);
    await suspect.close();
  });

  it('that does not fit or run is refused, and leaves no tensor behind', async () => {
    const tensors = tf.memory().numTensors;
    await write(nodes([softmax]));
    await coded('model.classes', () => open({ classes: 5 }));
    await coded('model.shape', () => open({ shape: { ...shape, channels: 1 } }));
    await coded('model.load', () => open({ output: 'other' }));
    await write(nodes([softmax, { name: 't', op: 'Relu', input: ['y'], attr: float }]));
    const error = await coded('model.load', () => open());
    expect(error.message).to.include('s, t');
    await (await open({ output: 's' })).close();
    await write(nodes([{ name: 's', op: 'NoSuchOperator', input: ['y'] }]));
    await coded('model.load', () => open());
    expect(tf.memory().numTensors).to.equal(tensors);
    const layers = await coded('model.load', () => loadModelFolder(folder));
    expect(layers.message).to.include('graph model');
  });
});
