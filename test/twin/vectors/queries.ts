import { bodyOf, chainLines, imageName, queryOrder } from '../queries.js';
import { toHex } from './case.js';
import { drawn } from './small-claims.js';

const time = '2026-01-02T03:04:05.678Z';
const image = (name: string): string => imageName([2, 2, 1], drawn(`queries: ${name}`, 4));

const attempt = {
  attempt: 0,
  certificate: '',
  ended: time,
  failed: '',
  kind: 'http',
  method: 'POST',
  request: bodyOf('{"question":1}'),
  requestHeaders: { authorization: 'secret', 'content-type': 'application/json' },
  response: bodyOf('{"answer":3}'),
  responseHeaders: {},
  started: time,
  status: 200,
  url: 'http://127.0.0.1:7412/v2/models/m/infer',
};
const plan = {
  questions: [
    { image: image('trigger'), kind: 'trigger', label: -1 },
    { image: image('audited'), kind: 'audited', label: -1 },
    { image: image('ordinary'), kind: 'ordinary', label: 2 },
    { image: image('abstract'), kind: 'abstract', label: -1 },
  ],
  repeats: 1,
  seed: toHex(drawn('queries: seed', 32)),
  session: toHex(drawn('queries: session', 32)),
  suspect: {
    classes: 4,
    digest: '5d'.repeat(32),
    identity: 'a suspect',
    kind: 'test',
    preprocessing: '',
    shape: '2x2x1',
  },
};
const entries: Record<string, unknown>[] = [
  { attempt: { ...attempt, failed: 'suspect.timeout', status: -1 }, sequence: 0 },
  { plan },
  { at: time, identity: 'version 1' },
  { attempt: { ...attempt, attempt: 1 }, sequence: 1 },
  { answers: [{ label: 3 }, { refused: 'suspect.timeout' }], at: time },
  { answers: [{ label: 0 }, { label: 1 }, { label: 3 }], at: time },
  { at: time, identity: 'version 1' },
];

const bad = (at: number, entry: Record<string, unknown>): string =>
  chainLines([...entries.slice(0, at), entry]).lines[at]!;

function invalid() {
  const { lines } = chainLines(entries);
  const body = { ...bodyOf('a'), length: 2 };
  const other = { ...bodyOf('a'), digest: '00'.repeat(32) };
  return [
    { name: 'a line left out', at: 1, code: 'queries.chain', line: lines[2]! },
    { name: 'a line twice', at: 1, code: 'queries.chain', line: lines[0]! },
    { name: 'a space', at: 1, code: 'queries.format', line: `${lines[1]!} ` },
    { name: 'no JSON', at: 1, code: 'queries.format', line: 'nothing' },
    { name: 'a line of no kind', at: 1, code: 'queries.format', line: bad(1, { at: time }) },
    {
      name: 'an attempt with a wrong number',
      at: 3,
      code: 'queries.chain',
      line: bad(3, { attempt, sequence: 2 }),
    },
    { name: 'a second plan', at: 3, code: 'queries.chain', line: bad(3, { plan }) },
    {
      name: 'answers before the plan',
      at: 1,
      code: 'queries.chain',
      line: bad(1, { answers: [{ label: 1 }], at: time }),
    },
    { name: 'no answers', at: 4, code: 'queries.format', line: bad(4, { answers: [], at: time }) },
    {
      name: 'a whole body of another digest',
      at: 3,
      code: 'queries.bodies',
      line: bad(3, { attempt: { ...attempt, response: other }, sequence: 1 }),
    },
    {
      name: 'a part that is longer than the whole',
      at: 3,
      code: 'queries.bodies',
      line: bad(3, { attempt: { ...attempt, request: { ...body, length: 0 } }, sequence: 1 }),
    },
  ];
}

function orders() {
  const plans: [counts: [number, number, number, number], repeats: number][] = [
    [[2, 1, 3, 3], 2],
    [[1, 1, 0, 3], 5],
    [[1, 0, 1, 0], 1],
    [[4, 2, 20, 20], 8],
  ];
  return plans.map(([counts, repeats], i) => {
    const names = ['trigger', 'audited', 'ordinary', 'abstract'];
    const kinds = counts.flatMap((count, at) => Array<string>(count).fill(names[at]!));
    const seed = drawn(`queries: order ${i}`, 32);
    const order = queryOrder(kinds, repeats, seed);
    return {
      kinds,
      repeats,
      seed: toHex(seed),
      questions: order.map(({ question }) => question),
      isRepeat: order.map(({ isRepeat }) => isRepeat),
    };
  });
}

export function queryVectors() {
  const { lines, heads } = chainLines(entries);
  return {
    about:
      'Query logs (queries.md). lines: each with the head after it. invalid: the line that takes the place of number `at`, with the code of its error. orders: questions by place of the order, and whether each place repeats one.',
    firstHead: toHex(heads[0]!),
    lines: lines.map((line, i) => ({ line, headAfter: toHex(heads[i + 1]!) })),
    image: {
      shape: [2, 2, 1],
      pixels: toHex(drawn('queries: trigger', 4)),
      digest: image('trigger'),
    },
    invalid: invalid(),
    orders: orders(),
  };
}
