import { expect } from 'chai';
import fc from 'fast-check';

import { InputError } from '../../src/base/index.js';
import {
  decodeNetwork,
  encodeNetwork,
  finishNetwork,
  isNetwork,
  type NetworkFields,
  type Node,
} from '../../src/network/index.js';
import { coded } from '../coded.js';
import * as twin from '../twin/network.js';
import { around, dense, randomNetwork, sum, tiny } from './graphs.js';

const file = finishNetwork(tiny()).bytes;
const text = Buffer.from(file).toString('latin1');
const flat = (channels: number) => ({ height: 1, width: 1, channels });

/** A file with another second line, and other numbers after it. */
function rewritten(change: (header: string) => string, numbers?: Uint8Array): Uint8Array {
  const [first = '', second = ''] = text.split('\n');
  const rest = numbers ?? file.subarray(first.length + second.length + 2);
  return new Uint8Array(Buffer.concat([Buffer.from(`${first}\n${change(second)}\n`), rest]));
}

async function refused(code: string, fields: NetworkFields): Promise<void> {
  await coded(code, () => decodeNetwork(encodeNetwork(fields)));
}

describe('network files', () => {
  it('have exactly these bytes', () => {
    const numbers = Buffer.alloc(4 + 8 + 8 + 8 + 16 + 8);
    numbers.writeInt32LE(3, 0);
    numbers.writeBigInt64LE(-100n, 4);
    numbers.writeDoubleLE(0.5, 12);
    numbers.writeInt32LE(2, 20);
    numbers.writeInt32LE(0, 24);
    numbers.writeBigInt64LE(0n, 28);
    numbers.writeBigInt64LE(7n, 36);
    numbers.writeDoubleLE(0.25, 44);
    const term = (filters: number, input: number): string =>
      `{"at":0,"dilation":[1,1],"filters":${filters},"input":${input},"map":"convolution","pad":[0,0],"size":[1,1],"stride":[1,1]}`;
    const header = `{"A":8,"S":4,"calibration":{"digest":"${'02'.repeat(32)}","images":3},"model":"${'01'.repeat(32)}","nodes":[{"kind":"pixels","shape":[1,1,1]},{"bias":1,"kind":"sum","shape":[1,1,1],"terms":[${term(1, 0)}]},{"input":1,"kind":"relu","shape":[1,1,1]},{"bias":2,"kind":"sum","shape":[1,1,2],"terms":[${term(2, 2)}]}]}`;
    const expected = Buffer.concat([Buffer.from(`veilmark/network/1\n${header}\n`), numbers]);
    expect(Buffer.from(file).equals(expected)).to.be.true;
    expect(isNetwork(file)).to.be.true;
  });

  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.gen(), (g) => {
        try {
          const network = randomNetwork(g);
          const read = decodeNetwork(network.bytes);
          expect(read).to.deep.equal(network);
          expect(encodeNetwork(read)).to.deep.equal(network.bytes);
          expect(twin.readNetwork(network.bytes).neurons.length).to.equal(network.neurons);
        } catch (error) {
          if (!(error instanceof InputError && error.code === 'network.bounds')) throw error;
        }
      }),
    );
  });

  it('are refused with any byte cut off or appended', async () => {
    for (let length = 0; length < file.length; length++) {
      await coded('network.format', () => decodeNetwork(file.slice(0, length)));
    }
    await coded('network.format', () => decodeNetwork(new Uint8Array([...file, 0])));
  });

  it('never become something uncoded when bytes are damaged', () => {
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(254), (at, change) => {
        const damaged = file.slice();
        damaged[at] = (damaged[at]! + 1 + change) % 256;
        try {
          const network = decodeNetwork(damaged);
          expect(network.digest).to.not.deep.equal(finishNetwork(tiny()).digest);
          expect(encodeNetwork(network)).to.deep.equal(damaged);
        } catch (error) {
          expect((error as InputError).code).to.match(/^network\./);
        }
      }),
      { numRuns: 2000 },
    );
  });

  const headers: Record<string, (header: string) => string> = {
    'white space': (header) => header.replace('"S":', '"S": '),
    'keys in another order': (header) => header.replace('"A":8,"S":4', '"S":4,"A":8'),
    'a repeated key': (header) => header.replace('"A":8', '"A":8,"A":8'),
    'an unknown key': (header) => header.replace('"A":8', '"A":8,"B":8'),
    'a number with an exponent': (header) => header.replace('"S":4', '"S":4e0'),
    'capital digits': (header) => header.replace('0101', '0A01'),
    'a term of no kind': (header) => header.replace('"convolution"', '"pooling"'),
    'a stride of 0': (header) => header.replace('"stride":[1,1]', '"stride":[0,1]'),
    'a negative place': (header) => header.replace('"at":0', '"at":-1'),
    'A of 21 bits': (header) => header.replace('"A":8', '"A":21'),
    'no remainder': (header) => header.replace('"S":4', '"S":0'),
    'a very long line': (header) => header + ' '.repeat(2 ** 22),
  };
  for (const [name, change] of Object.entries(headers)) {
    it(`are refused with ${name} in the header`, () =>
      coded('network.format', () => decodeNetwork(rewritten(change))));
  }

  it('are refused with a scale that is no positive number', async () => {
    for (const scale of [0, -1, NaN, Infinity]) {
      await refused('network.format', { ...tiny(), logitScale: scale });
      const nodes: Node[] = [...tiny().nodes];
      nodes[2] = { kind: 'relu', shape: flat(1), input: 1, scales: Float64Array.of(scale) };
      await refused('network.graph', tiny({ nodes }));
    }
  });

  it('are refused with a bias that is no safe integer', async () => {
    for (const bias of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n]) {
      const damaged = Buffer.from(file);
      damaged.writeBigInt64LE(bias, text.lastIndexOf('\n{') + text.split('\n')[1]!.length + 6);
      await coded('network.format', () => decodeNetwork(damaged));
    }
  });

  it('are refused where the graph is none', async () => {
    const [pixels, first, relu, last] = tiny().nodes as [Node, Node, Node, Node];
    const reshape: Node = { kind: 'reshape', shape: flat(1), input: 0 };
    const cases: Record<string, readonly Node[]> = {
      'takes itself': [pixels, { ...reshape, input: 1 }, relu, last],
      'takes a later node': [pixels, { ...reshape, input: 2 }, relu, last],
      'a node that is not there': [pixels, first, { ...relu, input: 9 } as Node, last],
      'no image': [first, relu, last],
      'two images': [pixels, pixels, relu, last],
      'another size': [pixels, { ...reshape, shape: flat(2) }, relu, last],
      'no logits': [pixels, first, relu],
      'one logit': [pixels, first, relu, sum(flat(1), [])],
      'logits of a picture': [pixels, sum({ height: 2, width: 1, channels: 2 }, [])],
      'a term too wide': [pixels, sum(flat(2), [dense(0, { weights: [1, 2, 3], filters: 3 })])],
      'a term at the end': [
        pixels,
        sum(flat(2), [{ ...dense(0, { weights: [1], filters: 1 }), at: 2 }]),
      ],
      'a bias of 3': [pixels, sum(flat(2), [], [1, 2, 3])],
      'a scale of other places': [
        { kind: 'pixels', shape: { height: 2, width: 1, channels: 2 } },
        sum(flat(2), [{ input: 0, at: 0, map: { kind: 'scale', weights: Int32Array.of(1, 1) } }]),
      ],
    };
    for (const nodes of Object.values(cases)) {
      await refused('network.graph', { ...around, A: 8, S: 4, nodes });
    }
    await refused('network.graph', tiny({ A: 16, S: 15 }));
  });
});
