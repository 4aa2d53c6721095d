import { bytesToHex, InputError, utf8ToBytes } from '../../base/index.js';
// Not from the room's index: what that loads takes a worker thread over (docs/architecture.md).
import { taggedHash } from '../../crypto/hash.js';

/** A layer in `modelTopology` of the TensorFlow.js layers format, as far as it is read here. */
interface LayerJson {
  class_name: string;
  name?: string;
  config: Record<string, unknown>;
  /** Of each call, of each input: name, node, tensor, arguments. */
  inbound_nodes?: [string, ...unknown[]][][];
}

interface Network {
  readonly layers: readonly LayerJson[];
  /** The layer whose output is the network's. */
  readonly output: LayerJson;
}

const prefix = 'topology-';

/** Names a topology: `topology-` and 32 hexadecimal digits of the hash of its JSON. */
export function topologyName(topology: object): string {
  const json = utf8ToBytes(JSON.stringify(topology));
  return `${prefix}${bytesToHex(taggedHash('veilmark/topology/1', [json])).slice(0, 32)}`;
}

/** Whether an architecture is a topology's name, and none of ours. */
export function isTopologyName(architecture: string): boolean {
  return architecture.startsWith(prefix);
}

/**
 * A copy in which every random initialiser has a seed and the softmax at the end, if there is one, is left out, so that the
 * output is logits. Throws `InputError` `model.load`.
 */
export function seededTopology(topology: object, seed: number): object {
  const copy = structuredClone(topology);
  let drawn = 0;
  visitInitialisers(copy, (config) => {
    config['seed'] = seed * 1000 + drawn++;
  });
  dropSoftmax(networkOf(copy).output);
  return copy;
}

/**
 * A copy whose head, the dense layer behind the body, tells another number of classes apart. Throws `InputError` `model.head`
 * where the last layer with weights is no dense layer.
 */
export function withClasses(topology: object, classes: number): object {
  const copy = structuredClone(topology);
  headOf(networkOf(copy)).config['units'] = classes;
  return copy;
}

/** Weights that start anew, by the name of their initialiser, are given to `seeded`. */
function visitInitialisers(
  value: unknown,
  seeded: (config: Record<string, unknown>) => void,
): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (/initializer$/i.test(key) && isRandomInitialiser(member)) seeded((member.config ??= {}));
    else visitInitialisers(member, seeded);
  }
}

function isRandomInitialiser(value: unknown): value is { config?: Record<string, unknown> } {
  if (typeof value !== 'object' || value === null) return false;
  const name: unknown = Reflect.get(value, 'class_name');
  return typeof name === 'string' && !/^(zeros|ones|constant|identity)$/i.test(name);
}

function dropSoftmax(output: LayerJson): void {
  if (output.class_name === 'Softmax') {
    output.class_name = 'Activation';
    output.config = { name: output.config['name'], activation: 'linear' };
  }
  if (output.config['activation'] === 'softmax') output.config['activation'] = 'linear';
}

/** The dense layer at the end, before activations. */
function headOf({ layers, output }: Network): LayerJson {
  let layer = output;
  while (/^(Activation|Softmax|Dropout)$/.test(layer.class_name)) {
    const before = layer.inbound_nodes
      ? layers.find((each) => nameOf(each) === layer.inbound_nodes?.[0]?.[0]?.[0])
      : layers[layers.indexOf(layer) - 1];
    if (before === undefined) break;
    layer = before;
  }
  if (layer.class_name === 'Dense') return layer;
  throw new InputError({
    code: 'model.head',
    message: `the network ends in a layer ${layer.class_name.slice(0, 40)}, not in a dense one`,
    hint: 'only a model whose last layer with weights is dense can get another head',
  });
}

function networkOf(topology: object): Network {
  const model: unknown = Reflect.get(topology, 'model_config') ?? topology;
  const config: unknown = Reflect.get(Object(model) as object, 'config');
  const list: unknown = Array.isArray(config)
    ? config
    : Reflect.get(Object(config) as object, 'layers');
  if (!Array.isArray(list) || list.length === 0 || !list.every(isLayer)) {
    throw new InputError({
      code: 'model.load',
      message: 'the network is no sequence or graph of layers',
      hint: 'use model.json of the TensorFlow.js layers format (docs/training.md)',
    });
  }
  const outputs = Reflect.get(Object(config) as object, 'output_layers') as [[string]] | undefined;
  const wanted = outputs?.[0]?.[0];
  const output = list.find((layer) => nameOf(layer) === wanted) ?? list.at(-1);
  if (output === undefined) throw new RangeError('no layer');
  return { layers: list, output };
}

function isLayer(value: unknown): value is LayerJson {
  const layer = Object(value) as Partial<LayerJson>;
  return typeof layer.class_name === 'string' && typeof layer.config === 'object';
}

function nameOf({ name, config }: LayerJson): unknown {
  return name ?? config['name'];
}
