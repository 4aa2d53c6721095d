import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import type { Image } from '../../../src/base/index.js';
import type { Suspect } from '../../../src/protocol/index.js';
import { openOnnxSuspect, type OnnxOptions } from '../../../src/suspect/index.js';
import { loadRuntime } from '../../../src/suspect/onnx/runtime.js';
import { coded } from '../../coded.js';
import { type Node, onnxModel, types, type Value } from './model.js';

const shape = { height: 1, width: 2, channels: 3 };
const classes = 6;

/** Score k is the k-th of `count` numbers of the input, so that the greatest of the first six is the label. */
function identity(count: number): number[] {
  return Array.from({ length: count * classes }, (_, i) => Number(i % 7 === 0));
}

/** Flatten, Gemm, Softmax. */
function model(
  sides: readonly (number | string)[],
  {
    batch = 'N',
    type = types.float,
    output = { name: 's', type: types.float, shape: ['N', classes] },
    tail = [['Softmax', ['y'], ['s'], { axis: 1 }]],
  }: { batch?: number | string; type?: number; output?: Value; tail?: readonly Node[] } = {},
): Buffer {
  const size = sides.reduce<number>(
    (product, side) => product * (typeof side === 'number' ? side : 1),
    1,
  );
  const inputs = sides.includes('H') ? 6 : size;
  const cast: Node[] = type === types.float ? [] : [['Cast', ['x'], ['c'], { to: types.float }]];
  return onnxModel({
    inputs: [{ name: 'x', type, shape: [batch, ...sides] }],
    outputs: [output],
    nodes: [
      ...cast,
      ['Flatten', [cast.length > 0 ? 'c' : 'x'], ['f'], { axis: 1 }],
      ['Gemm', ['f', 'w', 'b'], ['y']],
      ...tail,
    ],
    weights: {
      w: { shape: [inputs, classes], values: identity(inputs) },
      b: { shape: [classes], values: Array<number>(classes).fill(0) },
    },
  });
}

/** An image whose byte at each place but one is 10. */
function brightAt(place: number, value = 200): Image {
  return { shape, pixels: Uint8Array.from({ length: 6 }, (_, i) => (i === place ? value : 10)) };
}

describe('a suspect that is an ONNX file', () => {
  let folder: string;
  const open = async (bytes: Uint8Array, change: Partial<OnnxOptions> = {}): Promise<Suspect> => {
    const path = join(folder, 'model.onnx');
    await writeFile(path, bytes);
    return openOnnxSuspect(path, { shape, classes, ...change });
  };
  const ask = async (suspect: Suspect, places: readonly number[]): Promise<unknown[]> => {
    const answers = await suspect.classify(places.map((place) => brightAt(place)));
    await suspect.close();
    return answers.map((answer) => ('label' in answer ? answer.label : answer.refused));
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-onnx-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('answers in order, row by row, and is described by its digest', async () => {
    const bytes = model([1, 2, 3]);
    const suspect = await open(bytes);
    const { digest, ...stated } = suspect.descriptor;
    expect(digest).to.match(/^[0-9a-f]{64}$/);
    expect(stated).to.deep.equal({
      kind: 'onnx',
      identity: createHash('sha256').update(bytes).digest('hex'),
      shape: '1x2x3',
      classes,
      preprocessing: '(pixel / 255 - mean) / std for each channel, mean 0 0 0, std 1 1 1',
    });
    expect(await ask(suspect, [3, 0, 5, 1])).to.deep.equal([3, 0, 5, 1]);
  });

  it('gets channels first where its input says so', async () => {
    // Byte 1 is the first pixel's green: the third number when channels come first.
    const suspect = await open(model([3, 1, 2]));
    expect(suspect.descriptor.preprocessing).to.include('channel by channel');
    expect(await ask(suspect, [0, 1, 2, 3])).to.deep.equal([0, 2, 4, 1]);
  });

  it('takes a row of numbers, open sizes with a named layout, one image a run', async () => {
    expect(await ask(await open(model([6])), [4, 2])).to.deep.equal([4, 2]);
    await coded('suspect.layout', () => open(model(['H', 'W', 'C'])));
    const open3 = model(['H', 'W', 'C'], { batch: 1 });
    expect(await ask(await open(open3, { layout: 'nchw' }), [1, 3])).to.deep.equal([2, 1]);
    expect(await ask(await open(open3, { layout: 'nhwc' }), [1, 3])).to.deep.equal([1, 3]);
  });

  it('is preprocessed as it is told to, or gets bytes where it takes bytes', async () => {
    const scores: number[] = [];
    const raw: { tail: Node[] } = { tail: [['Identity', ['y'], ['s']]] };
    const onScore = (score: number): void => void scores.push(score);
    const preprocessing = { mean: [0, 0, 1], std: [1, 0.5, 1] };
    await ask(await open(model([1, 2, 3], raw), { preprocessing, onScore }), [1]);
    await ask(await open(model([1, 2, 3], { ...raw, type: types.uint8 }), { onScore }), [1]);
    expect(scores[0]).to.be.closeTo(200 / 255 / 0.5, 1e-6);
    expect(scores[1]).to.equal(200);
  });

  it('may answer with labels', async () => {
    const output = { name: 'l', type: types.int64, shape: ['N'] };
    const tail: Node[] = [['ArgMax', ['y'], ['l'], { axis: 1, keepdims: 0 }]];
    expect(await ask(await open(model([6], { output, tail })), [4, 2])).to.deep.equal([4, 2]);
  });

  it('that gives no numbers refuses those images alone', async () => {
    const output = { name: 's', type: types.float, shape: ['N', classes] };
    const suspect = await open(model([6], { output, tail: [['Log', ['y'], ['s']]] }));
    const dark = { shape, pixels: new Uint8Array(6) };
    expect(await suspect.classify([dark, brightAt(1)])).to.deep.equal([
      { refused: 'suspect.answer' },
      { label: 1 },
    ]);
    const odd = { shape: { ...shape, width: 1 }, pixels: new Uint8Array(3) };
    expect(await suspect.classify([odd])).to.deep.equal([{ refused: 'suspect.shape' }]);
    await suspect.close();
  });

  it('that does not run, or gives another number of values, is refused before the session', async () => {
    const output = { name: 's', type: types.float, shape: ['N', classes] };
    const longer = model([6], { tail: [['Concat', ['y', 'y'], ['s'], { axis: 0 }]] });
    await coded('suspect.count', () => open(longer));
    const broken = model([6], { output, tail: [['Add', ['y', 'v'], ['s']]] });
    expect(await coded('suspect.onnx', () => open(broken))).to.have.property('hint');
    const failing = onnxModel({
      inputs: [{ name: 'x', type: types.float, shape: ['N', 'M'] }],
      outputs: [output],
      nodes: [['Gemm', ['x', 'w'], ['s']]],
      weights: { w: { shape: [5, classes], values: identity(5) } },
    });
    await coded('suspect.failed', () => open(failing));
  });

  it('that does not fit is refused, naming both sides', async () => {
    const unfit: [string, Uint8Array, Partial<OnnxOptions>?][] = [
      ['2x2x3', model([2, 2, 3])],
      ['7', model([7])],
      ['as nchw', model([1, 2, 3]), { layout: 'nchw' }],
      ['8 images at a time', model([6], { batch: 8 })],
      ['int64', model([6], { type: types.int64 })],
      ['5 scores', model([6]), { classes: 5 }],
      ['6 scores', model([6]), { output: 'other' }],
    ];
    for (const [named, bytes, change] of unfit) {
      const error = await coded('suspect.metadata', () => open(bytes, change));
      expect(error.message).to.include(named);
    }
    await coded('suspect.onnx', () => open(Buffer.from('no model')));
    await coded('file.missing', () =>
      openOnnxSuspect(join(folder, 'none.onnx'), { shape, classes }),
    );
  });

  it('says how to get the package that runs it', async () => {
    const missing = Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' });
    const error = await coded('suspect.onnx-missing', () =>
      loadRuntime(() => Promise.reject(missing)),
    );
    expect(error.hint).to.include('npm install onnxruntime-node@');
    await coded('suspect.onnx-broken', () => loadRuntime(() => Promise.reject(new Error('GLIBC'))));
  });
});
