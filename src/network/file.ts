import { type Static, Type } from 'typebox';

import {
  bytesToHex,
  canonicalBytes,
  concatBytes,
  equalBytes,
  hexBytes,
  InputError,
  type Json,
  parseCanonical,
  type Shape,
  unreachable,
  utf8ToBytes,
} from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import { type Bounds, boundsOf, checkLogits } from './bounds.js';
import { type IntegerNetwork, type LinearMap, type NetworkFields, type Node } from './graph.js';
import { checkGraph, checkSizes, earlier, limits, sizesOf } from './sizes.js';

const firstLine = 'veilmark/network/1\n';
const digestTag = 'veilmark/network-digest/1';

const strict = { additionalProperties: false } as const;
const Count = Type.Integer({ minimum: 0, maximum: 2 ** 27 });
const Side = Type.Integer({ minimum: 1, maximum: 2 ** 26 });
const Step = Type.Integer({ minimum: 1, maximum: 1024 });
const Offset = Type.Integer({ minimum: -1024, maximum: 1024 });
const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const ShapeJson = Type.Tuple([Side, Side, Side]);
const Steps = Type.Tuple([Step, Step]);
const window = { dilation: Steps, pad: Type.Tuple([Offset, Offset]), size: Steps, stride: Steps };
const place = { at: Count, input: Count };

const TermJson = Type.Union([
  Type.Object({ ...place, map: Type.Literal('scale'), weights: Count }, strict),
  Type.Object({ ...place, ...window, filters: Side, map: Type.Literal('convolution') }, strict),
  Type.Object({ ...place, ...window, map: Type.Literal('depthwise'), multiplier: Step }, strict),
]);
type TermJson = Static<typeof TermJson>;

const NodeJson = Type.Union([
  Type.Object({ kind: Type.Literal('pixels'), shape: ShapeJson }, strict),
  Type.Object(
    {
      /** Number of its values. */
      bias: Count,
      kind: Type.Literal('sum'),
      shape: ShapeJson,
      terms: Type.Array(TermJson, { maxItems: limits.nodes }),
    },
    strict,
  ),
  Type.Object({ input: Count, kind: Type.Literal('reshape'), shape: ShapeJson }, strict),
  Type.Object({ input: Count, kind: Type.Literal('relu'), shape: ShapeJson }, strict),
]);
type NodeJson = Static<typeof NodeJson>;

const Header = Type.Object(
  {
    A: Type.Integer({ minimum: 1, maximum: 20 }),
    S: Type.Integer({ minimum: 1, maximum: 20 }),
    calibration: Type.Object({ digest: Hex32, images: Count }, strict),
    model: Hex32,
    nodes: Type.Array(NodeJson, { minItems: 2, maxItems: limits.nodes }),
  },
  strict,
);

/** Largest network file that is read, in bytes. */
export const maxNetworkBytes = 2 ** 30;
/** Largest header; a graph of 10,000 nodes with two terms each fits. */
const maxHeaderBytes = 2 ** 22;

/** The name by which sessions refer to an integer network. 32 bytes. */
export function networkDigest(file: Uint8Array): Uint8Array {
  return taggedHash(digestTag, [file]);
}

/** Whether bytes start as a network file does. */
export function isNetwork(file: Uint8Array): boolean {
  return equalBytes(file.subarray(0, firstLine.length), utf8ToBytes(firstLine));
}

/**
 * The network's file: a first line, a line of canonical JSON with the graph, then all numbers in the order of the nodes, little-endian:
 * of a sum each term's weights (int32) and the bias (int64), of neurons their scales (float64), last the logits' scale (float64).
 */
export function encodeNetwork(fields: NetworkFields): Uint8Array {
  const { A, S, calibration, model, nodes, logitScale } = fields;
  const header = canonicalBytes({
    A,
    S,
    calibration: { digest: bytesToHex(calibration.digest), images: calibration.images },
    model: bytesToHex(model),
    nodes: nodes.map(nodeToJson),
  });
  const numbers = nodes.flatMap((node) => {
    if (node.kind === 'relu') return [float64(node.scales)];
    if (node.kind !== 'sum') return [];
    return [...node.terms.map(({ map }) => int32(map.weights)), int64(node.bias)];
  });
  const end = float64(Float64Array.of(logitScale));
  return concatBytes(utf8ToBytes(firstLine), header, utf8ToBytes('\n'), ...numbers, end);
}

function nodeToJson(node: Node): Json {
  const shape = [node.shape.height, node.shape.width, node.shape.channels];
  switch (node.kind) {
    case 'pixels':
      return { kind: node.kind, shape };
    case 'sum': {
      const terms = node.terms.map(({ at, input, map }) => ({ at, input, ...mapToJson(map) }));
      return { kind: node.kind, shape, bias: node.bias.length, terms };
    }
    case 'reshape':
    case 'relu':
      return { kind: node.kind, shape, input: node.input };
    default:
      throw unreachable(node);
  }
}

function mapToJson(map: LinearMap): Readonly<Record<string, Json>> {
  if (map.kind === 'scale') return { map: map.kind, weights: map.weights.length };
  const { dilation, pad, size, stride } = map;
  const own =
    map.kind === 'convolution' ? { filters: map.filters } : { multiplier: map.multiplier };
  return { map: map.kind, dilation, pad, size, stride, ...own };
}

/**
 * Reads a network file and checks all that soundness rests on: the graph has no cycle, every form is below 2^52 and every
 * logit within 2^38 for whatever image. Throws `InputError` `network.format`, `network.size`, `network.graph`,
 * `network.bounds`.
 */
export function decodeNetwork(file: Uint8Array): IntegerNetwork {
  if (!isNetwork(file)) throw badFormat('it does not start with the line veilmark/network/1');
  if (file.length > maxNetworkBytes) throw badFormat(`it has more than ${maxNetworkBytes} bytes`);
  const start = firstLine.length;
  const end = file.indexOf(0x0a, start);
  if (end < 0) throw badFormat('it has no second line');
  if (end - start > maxHeaderBytes) {
    throw badFormat(`its second line has more than ${maxHeaderBytes} bytes`);
  }
  const header = parseCanonical({
    bytes: file.subarray(start, end),
    schema: Header,
    what: 'network file',
    code: 'network.format',
  });
  const numbers = new Numbers(file.subarray(end + 1));
  const nodes: Node[] = [];
  for (const json of header.nodes) {
    const channelsOf = (input: number): number =>
      earlier(nodes, nodes.length, input).shape.channels;
    nodes.push(readNode(json, channelsOf, numbers));
  }
  const [logitScale = 0] = numbers.float64(1);
  numbers.end();
  const { A, S, calibration, model } = header;
  const fields: NetworkFields = {
    A,
    S,
    model: hexBytes(model, 32),
    calibration: { digest: hexBytes(calibration.digest, 32), images: calibration.images },
    nodes,
    logitScale,
  };
  return checkedNetwork(fields, file);
}

/** A network as a reader of its file has it. Throws as `decodeNetwork` does. */
export function finishNetwork(fields: NetworkFields): IntegerNetwork {
  checkSizes(sizesOf(fields.nodes));
  return decodeNetwork(encodeNetwork(fields));
}

function checkedNetwork(fields: NetworkFields, file: Uint8Array): IntegerNetwork {
  const { nodes, A, logitScale } = fields;
  const sizes = sizesOf(nodes);
  checkSizes(sizes);
  checkGraph(fields);
  if (!(logitScale > 0 && logitScale < Infinity))
    throw badFormat('the logits’ scale is no positive number');
  const bounds: Bounds[] = [];
  const none: Bounds = { low: new Float64Array(), high: new Float64Array() };
  for (const node of nodes) bounds.push(boundsOf(node, (input) => bounds[input] ?? none, A));
  checkLogits(bounds.at(-1) ?? none);
  return {
    ...fields,
    bytes: file,
    digest: networkDigest(file),
    shape: nodes[0]?.shape ?? { height: 0, width: 0, channels: 0 },
    classes: nodes.at(-1)?.shape.channels ?? 0,
    neurons: sizes.neurons,
  };
}

function readNode(json: NodeJson, channelsOf: (node: number) => number, numbers: Numbers): Node {
  const [height, width, channels] = json.shape;
  const shape: Shape = { height, width, channels };
  switch (json.kind) {
    case 'pixels':
      return { kind: 'pixels', shape };
    case 'reshape':
      return { kind: 'reshape', shape, input: json.input };
    case 'relu':
      return { kind: 'relu', shape, input: json.input, scales: numbers.float64(channels) };
    case 'sum': {
      const terms = json.terms.map((term) => ({
        input: term.input,
        at: term.at,
        map: readMap(term, channelsOf(term.input), numbers),
      }));
      return { kind: 'sum', shape, terms, bias: numbers.int64(json.bias) };
    }
    default:
      throw unreachable(json);
  }
}

function readMap(term: TermJson, channels: number, numbers: Numbers): LinearMap<Int32Array> {
  if (term.map === 'scale') return { kind: 'scale', weights: numbers.int32(term.weights) };
  const { dilation, pad, size, stride } = term;
  const taps = size[0] * size[1] * channels;
  const windows = { dilation, pad, size, stride };
  if (term.map === 'convolution') {
    const { filters } = term;
    return { kind: 'convolution', ...windows, filters, weights: numbers.int32(taps * filters) };
  }
  const { multiplier } = term;
  return { kind: 'depthwise', ...windows, multiplier, weights: numbers.int32(taps * multiplier) };
}

/** Takes numbers from the front of some bytes. */
class Numbers {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  int32(count: number): Int32Array {
    const at = this.#take(count, 4);
    const values = new Int32Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#view.getInt32(at + 4 * i, true);
    return values;
  }

  /** Safe integers. */
  int64(count: number): Float64Array {
    const at = this.#take(count, 8);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      values[i] = Number(this.#view.getBigInt64(at + 8 * i, true));
      if (!Number.isSafeInteger(values[i])) throw badFormat('a bias is no safe integer');
    }
    return values;
  }

  float64(count: number): Float64Array {
    const at = this.#take(count, 8);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#view.getFloat64(at + 8 * i, true);
    return values;
  }

  end(): void {
    if (this.#at !== this.#view.byteLength) throw badFormat('bytes follow after its numbers');
  }

  #take(count: number, width: number): number {
    const at = this.#at;
    this.#at += count * width;
    if (!(this.#at <= this.#view.byteLength)) throw badFormat('it is cut off');
    return at;
  }
}

function int32(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (let i = 0; i < values.length; i++) view.setInt32(4 * i, values[i] ?? 0, true);
  return new Uint8Array(view.buffer);
}

function int64(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let i = 0; i < values.length; i++) view.setBigInt64(8 * i, BigInt(values[i] ?? 0), true);
  return new Uint8Array(view.buffer);
}

function float64(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i] ?? 0, true);
  return new Uint8Array(view.buffer);
}

function badFormat(problem: string): InputError {
  return new InputError({
    code: 'network.format',
    message: `not a network file, or it is damaged: ${problem}`,
  });
}
