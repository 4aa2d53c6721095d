import { expect } from 'chai';

import { InputError } from '../../src/base/index.js';
import { type FloatLayer, type FloatOperation, readLayers } from '../../src/network/index.js';
import { coded } from '../coded.js';
import { quantised, randomImages } from './models.js';

const shape = { height: 8, width: 8, channels: 1 };
const images = randomImages(shape, 1, 'hostile');
const one = [1, 1] as const;
const window = { size: one, strides: one, dilation: one, padding: 'same' } as const;

function chain(...operations: FloatOperation[]): FloatLayer[] {
  return [{ kind: 'input', shape } as const, ...operations].map((operation, i) => ({
    name: `layer ${i}`,
    inputs: i === 0 ? [] : [`layer ${i - 1}`],
    operation,
  }));
}

async function refusedSoon(code: string, layers: readonly FloatLayer[]): Promise<void> {
  const start = performance.now();
  await coded(code, () => quantised(layers, images));
  expect(performance.now() - start).to.be.lessThan(3000);
}

describe('network/hostile models', () => {
  it('are refused where sums of themselves would fill the memory', async () => {
    const doubling: FloatLayer[] = chain(...Array<FloatOperation>(40).fill({ kind: 'add' }));
    const twice = doubling.map((layer) => ({
      ...layer,
      inputs: [...layer.inputs, ...layer.inputs],
    }));
    await refusedSoon('network.size', twice);
    const joined = twice.map((layer, i) =>
      i === 0 ? layer : { ...layer, operation: { kind: 'concatenate' } as const },
    );
    await refusedSoon('network.size', joined);
  });

  it('are refused where padding, pooling or filters make them too large', async () => {
    const pad: FloatOperation = { kind: 'pad', before: [1024, 1024], after: [1024, 1024] };
    await refusedSoon('network.size', chain(...Array<FloatOperation>(9).fill(pad)));
    const size = [1024, 1024] as const;
    const pool: FloatOperation = { kind: 'maxPool', window: { ...window, size } };
    await refusedSoon('network.size', chain(pool));
    const average: FloatOperation = { kind: 'averagePool', window: { ...window, size } };
    await refusedSoon('network.size', chain(pad, average));
    const filters = 2 ** 20;
    const wide: FloatOperation = {
      kind: 'convolution',
      window,
      filters,
      kernel: new Float64Array(filters),
      bias: new Float64Array(filters),
    };
    await refusedSoon('network.size', chain(wide));
    const large = { height: 2 ** 20, width: 2 ** 20, channels: 1 };
    const [, ...rest] = chain({ kind: 'flatten' });
    const input = {
      name: 'layer 0',
      inputs: [],
      operation: { kind: 'input', shape: large } as const,
    };
    await refusedSoon('network.size', [input, ...rest]);
  });

  it('are refused where an average has windows of many sizes', async () => {
    const large = { height: 40, width: 40, channels: 1 };
    const layers = chain({ kind: 'averagePool', window: { ...window, size: [21, 21] } });
    const input = { ...layers[0]!, operation: { kind: 'input', shape: large } as const };
    const others = randomImages(large, 1, 'large');
    await coded('network.size', () => quantised([input, layers[1]!], others));
  });

  it('are refused with calibration images that do not fit', async () => {
    const layers = chain({ kind: 'flatten' });
    const scales = { kind: 'measure', headroom: 1.5 } as const;
    await coded('network.image', () =>
      quantised(layers, images, { scales: { ...scales, images: [] } }),
    );
    const other = randomImages({ ...shape, width: 9 }, 1, 'other');
    await coded('network.image', () =>
      quantised(layers, images, { scales: { ...scales, images: other } }),
    );
  });

  it('are refused with A and S that no file has', async () => {
    const layers = chain({ kind: 'relu' }, { kind: 'flatten' });
    quantised(layers, images, { A: 20, S: 10 });
    for (const [A, S] of [
      [20, 11],
      [21, 9],
      [9, 0],
      [9.5, 9],
    ] as const) {
      await coded('network.bits', () => quantised(layers, images, { A, S }));
    }
  });

  it('give a coded error for whatever stands in model.json', () => {
    const layer = (kind: string, name: string, input?: string): unknown => ({
      class_name: kind,
      config: { name, batch_input_shape: [null, 8, 8, 1] },
      inbound_nodes: input === undefined ? [] : [[[input, 0, 0, {}]]],
    });
    const model = (layers: unknown): object => ({ class_name: 'Model', config: { layers } });
    const good = [layer('InputLayer', 'a'), layer('Flatten', 'b', 'a')];
    expect(readLayers(model(good), []).length).to.equal(2);
    const bad: unknown[] = [
      {},
      [],
      { model_config: null },
      { class_name: 'Model', config: null },
      { class_name: 'Model', config: 5 },
      { class_name: 'Sequential', config: [] },
      { class_name: 'Sequential', config: [null, null] },
      { class_name: 'Lambda\u202e', config: {} },
      model([good[0], { class_name: 'Flatten', config: null }]),
      model([good[0], { ...(good[1] as object), inbound_nodes: [[null]] }]),
      model([good[0], { ...(good[1] as object), inbound_nodes: [['a']] }]),
      model([good[0], { ...(good[1] as object), inbound_nodes: [[[]]] }]),
      model([...good, layer('Flatten', 'b', 'a')]),
      model([...good, layer('Flatten', 'x', 'y'), layer('Flatten', 'y', 'x')]),
      { class_name: 'Model', config: { layers: good, output_layers: 7 } },
      { class_name: 'Model', config: { layers: good, output_layers: [null] } },
      { class_name: 'Model', config: { layers: good, output_layers: [['a', 0, 0]] } },
    ];
    for (const topology of bad) {
      expect(() => readLayers(topology as object, []), JSON.stringify(topology)).to.throw(
        InputError,
      );
    }
  });

  it('take linear time where they are deep', () => {
    const layers = Array.from({ length: 10_000 }, (_, i) => ({
      class_name: i === 0 ? 'InputLayer' : 'ReLU',
      config: { name: `layer ${i}`, batch_input_shape: [null, 8, 8, 1] },
      inbound_nodes: i === 0 ? [] : [[[`layer ${i - 1}`, 0, 0, {}]]],
    }));
    const start = performance.now();
    const topology = { class_name: 'Model', config: { layers: layers.reverse() } };
    expect(readLayers(topology, []).length).to.equal(10_000);
    expect(performance.now() - start).to.be.lessThan(3000);
  });
});
