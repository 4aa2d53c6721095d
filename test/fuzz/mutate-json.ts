import { concatBytes, utf8ToBytes } from '../../src/base/index.js';
import type { SeededStream } from '../../src/crypto/index.js';

type Value = unknown;
interface Node {
  /** The list or object that holds the value, and under what. */
  readonly holder: Record<string, Value>;
  readonly key: string;
}

/** Values that a reader may not have thought of. */
const odd: readonly Value[] = [
  0,
  -1,
  1,
  2,
  10_000,
  1e8,
  2 ** 31,
  2 ** 53,
  1e300,
  0.5,
  -0.5,
  null,
  true,
  false,
  '',
  'x',
  '\u202e',
  '\ud800',
  'veilmark',
  '0'.repeat(64),
  'f'.repeat(64),
  '__proto__',
  [],
  {},
  [[]],
  [0, 0],
  'a very deep value',
];

/** Stands for a value that is nested deeper than a program may call itself; put in as text, for the writer would not come back. */
const deep = '"a very deep value"';

function nested(depth: number): string {
  return '['.repeat(depth) + '1' + ']'.repeat(depth);
}

/** Changes one value of the first line that holds JSON; nothing if there is none. Members keep their order. */
export function mutateJson(bytes: Uint8Array, stream: SeededStream): Uint8Array | undefined {
  const start = [0x7b, 0x5b]
    .map((bracket) => bytes.indexOf(bracket))
    .filter((at) => at >= 0)
    .sort((a, b) => a - b)[0];
  if (start === undefined) return undefined;
  const lineEnd = bytes.indexOf(0x0a, start);
  const line = bytes.subarray(start, lineEnd < 0 ? bytes.length : lineEnd);
  const end = start + 1 + Math.max(line.lastIndexOf(0x7d), line.lastIndexOf(0x5d));
  const read = Buffer.from(bytes.subarray(start, end)).toString('utf8');
  try {
    const root = { whole: JSON.parse(read) as Value };
    change(root, stream);
    const changed = JSON.stringify(root.whole) as string | undefined;
    if (changed === undefined) return undefined;
    const written = changed.replace(deep, () => nested(1 + stream.below(10_000)));
    return concatBytes(bytes.slice(0, start), utf8ToBytes(written), bytes.slice(end));
  } catch {
    return undefined;
  }
}

function change(root: Record<string, Value>, stream: SeededStream): void {
  const nodes: Node[] = [];
  collect(root, nodes);
  const node = nodes[stream.below(Math.max(1, nodes.length))];
  const other = nodes[stream.below(Math.max(1, nodes.length))];
  if (!node || !other) return;
  const { holder, key } = node;
  const value = holder[key];
  switch (stream.below(7)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else Reflect.deleteProperty(holder, key);
      return;
    case 1:
      if (Array.isArray(holder)) holder.splice(Number(key), 0, structuredClone(value));
      else holder[`${key}2`] = value;
      return;
    case 2:
      holder[key] = structuredClone(other.holder[other.key]);
      return;
    case 3:
      holder[key] = typeof value === 'number' ? value + stream.below(5) - 2 : [value];
      return;
    case 4:
      holder[key] = typeof value === 'string' ? changedText(value, stream) : String(value);
      return;
    default:
      holder[key] = structuredClone(odd[stream.below(odd.length)]);
  }
}

function changedText(value: string, stream: SeededStream): string {
  const at = stream.below(value.length + 1);
  const [kept, rest] = [value.slice(0, at), value.slice(at)];
  switch (stream.below(4)) {
    case 0:
      return kept;
    case 1:
      return kept + rest.slice(1);
    case 2:
      return value.repeat(1 + stream.below(20));
    default:
      return (
        kept +
        String.fromCharCode(stream.below(2) === 0 ? 48 + stream.below(64) : stream.below(65536)) +
        rest.slice(1)
      );
  }
}

/** All places of a value, at most ten thousand: an input may be nested deeper than any stack. */
function collect(root: Record<string, Value>, nodes: Node[]): void {
  const waiting: Record<string, Value>[] = [root];
  for (let holder = waiting.pop(); holder && nodes.length < 10_000; holder = waiting.pop()) {
    for (const [key, value] of Object.entries(holder)) {
      nodes.push({ holder, key });
      if (typeof value === 'object' && value !== null) waiting.push(value as Record<string, Value>);
    }
  }
}
