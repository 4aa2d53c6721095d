import { p } from './poseidon.js';

/** Reads a network file and computes with it from network.md alone: every neuron is an explicit linear form, all in BigInt. */

interface MapJson {
  readonly input: number;
  readonly at: number;
  readonly map: 'scale' | 'convolution' | 'depthwise';
  readonly weights?: number;
  readonly size?: [number, number];
  readonly stride?: [number, number];
  readonly pad?: [number, number];
  readonly dilation?: [number, number];
  readonly filters?: number;
  readonly multiplier?: number;
}

interface NodeJson {
  readonly kind: 'pixels' | 'sum' | 'reshape' | 'relu';
  readonly shape: [height: number, width: number, channels: number];
  readonly input?: number;
  readonly bias?: number;
  readonly terms?: readonly MapJson[];
}

interface HeaderJson {
  readonly A: number;
  readonly S: number;
  readonly calibration: { readonly digest: string; readonly images: number };
  readonly model: string;
  readonly nodes: readonly NodeJson[];
}

/** constant + Σ weight · leaf; a leaf is pixel p (`p0`, `p1`, …) or the output of neuron j (`o0`, `o1`, …). */
export interface Form {
  constant: bigint;
  readonly weights: Map<string, bigint>;
}

export interface Network {
  readonly header: HeaderJson;
  readonly neurons: readonly Form[];
  readonly logits: readonly Form[];
  /** For each `relu` node its scales. */
  readonly scales: readonly (readonly number[])[];
  readonly logitScale: number;
  /** For each sum the integers of its terms and its bias. */
  readonly integers: readonly (readonly bigint[])[];
}

const field = (value: bigint): bigint => ((value % p) + p) % p;
const zero = (): Form => ({ constant: 0n, weights: new Map() });

function add(to: Form, weight: bigint, from: Form): void {
  if (weight === 0n) return;
  to.constant += weight * from.constant;
  for (const [leaf, value] of from.weights) {
    to.weights.set(leaf, (to.weights.get(leaf) ?? 0n) + weight * value);
  }
}

export function readNetwork(file: Uint8Array): Network {
  const buffer = Buffer.from(file);
  const [first, second] = [buffer.indexOf('\n'), buffer.indexOf('\n', buffer.indexOf('\n') + 1)];
  if (buffer.toString('utf8', 0, first) !== 'veilmark/network/1') throw new Error('no network');
  const header = JSON.parse(buffer.toString('utf8', first + 1, second)) as HeaderJson;
  let at = second + 1;
  const int32 = (count: number): bigint[] =>
    Array.from({ length: count }, () => BigInt(buffer.readInt32LE((at += 4) - 4)));
  const int64 = (count: number): bigint[] =>
    Array.from({ length: count }, () => buffer.readBigInt64LE((at += 8) - 8));
  const float64 = (count: number): number[] =>
    Array.from({ length: count }, () => buffer.readDoubleLE((at += 8) - 8));

  const forms: Form[][] = [];
  const neurons: Form[] = [];
  const scales: number[][] = [];
  const integers: bigint[][] = [];
  for (const node of header.nodes) {
    const [height, width, channels] = node.shape;
    const size = height * width * channels;
    const input = forms[node.input ?? -1] ?? [];
    switch (node.kind) {
      case 'pixels':
        forms.push(
          Array.from({ length: size }, (_, i) => ({
            constant: 0n,
            weights: new Map([[`p${i}`, 1n]]),
          })),
        );
        break;
      case 'reshape':
        forms.push(input);
        break;
      case 'relu':
        scales.push(float64(channels));
        forms.push(
          input.map((form) => {
            neurons.push(form);
            return { constant: 0n, weights: new Map([[`o${neurons.length - 1}`, 1n]]) };
          }),
        );
        break;
      case 'sum': {
        const sum = Array.from({ length: size }, zero);
        const own: bigint[] = [];
        for (const term of node.terms ?? []) {
          const from = header.nodes[term.input]!.shape;
          const weights = int32(weightsOf(term, from));
          own.push(...weights);
          addTerm(term, weights, forms[term.input]!, from, sum, node.shape);
        }
        const bias = int64(node.bias ?? 0);
        own.push(...bias);
        sum.forEach((form, e) => {
          if (bias.length === size) form.constant += bias[e]!;
          else if (bias.length === channels) form.constant += bias[e % channels]!;
        });
        integers.push(own);
        forms.push(sum);
      }
    }
  }
  const [logitScale = 0] = float64(1);
  if (at !== buffer.length) throw new Error('bytes follow');
  return { header, neurons, logits: forms.at(-1)!, scales, logitScale, integers };
}

function weightsOf(term: MapJson, [, , channels]: NodeJson['shape']): number {
  if (term.map === 'scale') return term.weights!;
  return term.size![0] * term.size![1] * channels * (term.filters ?? term.multiplier!);
}

function addTerm(
  term: MapJson,
  weights: readonly bigint[],
  from: readonly Form[],
  [rows, columns, depth]: NodeJson['shape'],
  to: readonly Form[],
  [height, width, channels]: NodeJson['shape'],
): void {
  if (term.map === 'scale') {
    for (let place = 0; place < rows * columns; place++) {
      for (let c = 0; c < depth; c++) {
        const e = place * depth + c;
        const weight = weights.length === depth ? weights[c]! : weights[e]!;
        add(to[place * channels + term.at + c]!, weight, from[e]!);
      }
    }
    return;
  }
  const [size, stride, pad, dilation] = [term.size!, term.stride!, term.pad!, term.dilation!];
  let w = 0;
  // In the order of the weights, each with every place where it stands.
  for (let i = 0; i < size[0]; i++) {
    for (let j = 0; j < size[1]; j++) {
      for (let c = 0; c < depth; c++) {
        for (let f = 0; f < (term.filters ?? term.multiplier!); f++) {
          const weight = weights[w++]!;
          const channel = term.map === 'convolution' ? f : c * term.multiplier! + f;
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              const row = y * stride[0] + i * dilation[0] - pad[0];
              const column = x * stride[1] + j * dilation[1] - pad[1];
              if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
              const target = to[(y * width + x) * channels + term.at + channel]!;
              add(target, weight, from[(row * columns + column) * depth + c]!);
            }
          }
        }
      }
    }
  }
}

export interface Run {
  readonly acc: readonly bigint[];
  readonly q: readonly bigint[];
  readonly rem: readonly bigint[];
  readonly out: readonly bigint[];
  readonly logits: readonly bigint[];
  readonly inRange: boolean;
}

export function run({ header, neurons, logits }: Network, pixels: Uint8Array): Run {
  const [unit, edge] = [2n ** BigInt(header.S), 2n ** BigInt(header.A)];
  const out: bigint[] = [];
  const value = (leaf: string): bigint => {
    const index = Number(leaf.slice(1));
    return leaf.startsWith('p') ? BigInt(pixels[index]!) : out[index]!;
  };
  const at = (form: Form): bigint =>
    [...form.weights].reduce((sum, [leaf, weight]) => sum + weight * value(leaf), form.constant);
  const acc: bigint[] = [];
  const [q, rem]: bigint[][] = [[], []];
  let inRange = true;
  for (const form of neurons) {
    const sum = at(form);
    const rest = ((sum % unit) + unit) % unit;
    const quotient = (sum - rest) / unit;
    if (quotient < -edge || quotient >= edge) inRange = false;
    acc.push(sum);
    q!.push(quotient);
    rem!.push(rest);
    out.push(quotient > 0n ? quotient : 0n);
  }
  return { acc, q: q!, rem: rem!, out, logits: logits.map(at), inRange };
}

export interface Check {
  readonly outputs: readonly bigint[];
  readonly pixels: readonly bigint[];
  readonly powers: readonly bigint[];
  readonly constant: bigint;
}

/** The random check as design section 4 defines it: forms weighed by powers of ρ, coefficients of each leaf collected. */
export function check(
  { header, neurons, logits }: Network,
  rho: bigint,
  { count, room, unused }: { count: number; room: number; unused: bigint },
): Check {
  const power = (exponent: number): bigint => {
    let result = 1n;
    for (let i = 0; i < exponent; i++) result = (result * rho) % p;
    return result;
  };
  const total = zero();
  neurons.forEach((form, j) => {
    add(total, power(j), form);
  });
  const powers = Array.from({ length: room }, (_, k) => power(count + k));
  powers.forEach((weight, k) => {
    add(total, weight, logits[k] ?? { constant: unused, weights: new Map() });
  });
  const [height, width, channels] = header.nodes[0]!.shape;
  const coefficients = (letter: string, length: number): bigint[] =>
    Array.from({ length }, (_, i) => field(total.weights.get(`${letter}${i}`) ?? 0n));
  return {
    outputs: coefficients('o', count),
    pixels: coefficients('p', height * width * channels),
    powers,
    constant: field(total.constant),
  };
}

/** Σ ρ^j·acc[j] − Σ outputs·out + Σ powers·logit − Σ pixels·pixel − constant: 0 for an honest run. */
export function gap(
  { outputs, pixels, powers, constant }: Check,
  rho: bigint,
  values: {
    readonly acc: readonly bigint[];
    readonly out: readonly bigint[];
    readonly logits: readonly bigint[];
    readonly pixels: readonly bigint[];
  },
): bigint {
  const dot = (a: readonly bigint[], b: readonly bigint[]): bigint =>
    a.reduce((sum, value, i) => sum + value * (b[i] ?? 0n), 0n);
  let power = 1n;
  let sum = -constant - dot(outputs, values.out) - dot(pixels, values.pixels);
  for (const acc of values.acc) {
    sum += power * acc;
    power = (power * rho) % p;
  }
  return field(sum + dot(powers, values.logits));
}
