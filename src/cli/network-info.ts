import type { Argv } from 'yargs';

import { bytesToHex, formatShape, sizeOf } from '../base/index.js';
import { type Bounds, boundsOf } from '../network/bounds.js';
import { addSizes, type IntegerNetwork, type Node, noSizes, sizesOf } from '../network/index.js';
import { type TriggerCost, triggerCosts } from './network-cost.js';
import { readNetwork } from './network-file.js';
import { measureSpeed, type Speed } from './network-timing.js';
import { defaultKeyFolder } from './opening-prover.js';
import { note, print, table } from './terminal.js';

export function addNetworkInfo(program: Argv): Argv {
  return program.command(
    'info <file>',
    'Say what a network is made of, and what proofs about it cost',
    (yargs) =>
      yargs
        .positional('file', { type: 'string', demandOption: true, describe: 'Network file' })
        .options({
          keys: {
            type: 'string',
            default: defaultKeyFolder,
            defaultDescription: 'that of `setup`',
            describe: 'Folder with proving keys, to time a proof with',
          },
        })
        .epilogue('Example:\n  $0 network info suspect.network'),
    async ({ file, keys }) => {
      const network = await readNetwork(file);
      const costs = await triggerCosts(network);
      if (costs.length > 0) note('timing a few proofs on this machine');
      const speed = costs.length > 0 ? await measureSpeed(network, { keys, costs }) : undefined;
      print([describeNetwork(network), describeCosts(network, costs, speed)].join('\n\n'));
    },
  );
}

/** What a network is: facts, a table of its nodes, and bounds of its values. */
export function describeNetwork(network: IntegerNetwork): string {
  const { A, S, calibration, nodes } = network;
  const sizes = sizesOf(nodes);
  const facts: [string, string][] = [
    ['network', bytesToHex(network.digest)],
    ['model', bytesToHex(network.model)],
    ['calibrated', `on ${calibration.images} images ${bytesToHex(calibration.digest)}`],
    ['image', formatShape(network.shape)],
    ['classes', String(network.classes)],
    ['bits', `${A} of an output, ${S} of a remainder`],
    ['neurons', grouped(sizes.neurons)],
    ['integers', grouped(sizes.weights)],
  ];
  return [table(facts), '', table(nodeRows(network)), '', boundsLine(network)].join('\n');
}

function nodeRows({ nodes }: IntegerNetwork): string[][] {
  const rows = nodes.map((node, i) => {
    const own = noSizes();
    addSizes(own, node, (input) => nodes[input]?.shape.channels ?? 0);
    const neurons = node.kind === 'relu' ? grouped(sizeOf(node.shape)) : '';
    const products = node.kind === 'sum' ? grouped(own.multiplications) : '';
    return [String(i), kindOf(node), formatShape(node.shape), neurons, products];
  });
  const { neurons, multiplications } = sizesOf(nodes);
  return [
    ['node', 'kind', 'shape', 'neurons', 'multiplications'],
    ...rows,
    ['all', '', '', grouped(neurons), grouped(multiplications)],
  ];
}

/** `sum of convolution 6x6`: the linear maps that a sum adds. */
function kindOf(node: Node): string {
  if (node.kind !== 'sum') return node.kind;
  const maps = node.terms.map(({ map }) =>
    map.kind === 'scale' ? map.kind : `${map.kind} ${map.size.join('x')}`,
  );
  const [first = 'a constant'] = maps;
  return maps.length > 1 ? `sum of ${first} and ${maps.length - 1} more` : `sum of ${first}`;
}

function boundsLine({ nodes, A }: IntegerNetwork): string {
  const bounds: Bounds[] = [];
  const none: Bounds = { low: new Float64Array(), high: new Float64Array() };
  for (const node of nodes) bounds.push(boundsOf(node, (input) => bounds[input] ?? none, A));
  const bitsOf = ({ low, high }: Bounds): number => {
    const most = [...low, ...high].reduce((worst, value) => Math.max(worst, Math.abs(value)), 1);
    return Math.ceil(Math.log2(most));
  };
  const forms = bounds.reduce((most, one) => Math.max(most, bitsOf(one)), 0);
  const logits = bitsOf(bounds.at(-1) ?? none);
  return `whatever the image: values up to 2^${forms} (the limit is 2^52), logits up to 2^${logits} (2^38)`;
}

function describeCosts(
  { A, S, shape, classes }: IntegerNetwork,
  costs: readonly TriggerCost[],
  speed: Speed | undefined,
): string {
  if (costs.length === 0) {
    return `no circuit is there for ${A} + ${S} bits, images of ${formatShape(shape)} and ${classes} classes: it cannot be proven about`;
  }
  const rows = costs.map(({ neurons, blocks, folds, proofs, constraints }) => [
    ...[neurons, grouped(blocks), grouped(folds), grouped(proofs), grouped(constraints)],
    ...(speed ? [about(constraints / speed.constraints), about(proofs * speed.verify)] : []),
  ]);
  const heading = ['circuit', 'blocks', 'folds', 'proofs', 'constraints a trigger'];
  return table([speed ? [...heading, 'prove', 'verify'] : heading, ...rows]);
}

/** `about 3.2 s`: two digits, as a measurement of seconds is worth no more. */
function about(seconds: number): string {
  const rounded = Number(seconds.toPrecision(2));
  return `about ${rounded < 1 ? rounded : grouped(rounded)} s`;
}

function grouped(value: number): string {
  return value.toLocaleString('en');
}
