import type { Answer } from '../../../src/protocol/index.js';
import { promptFor, readRetryAfter } from '../../../src/suspect/index.js';
import { readWords } from '../../../src/suspect/chat/prompt.js';
import { readLines } from '../../../src/suspect/command/read.js';
import { answerReader } from '../../../src/suspect/http-json/read.js';
import { parseJson } from '../../../src/suspect/request.js';
import { type FuzzTarget, readable, text } from '../target.js';

const classNames = ['cat', 'dog', 'A', 'owl'];
const prompt = promptFor(classNames);
const inWords = answerReader({ answer: { items: '/a', label: '/l' } }, { classNames });
const inScores = answerReader({ answer: { scores: '/s' } }, { classNames });
const ranked = answerReader(
  { answer: { ranked: { list: '', label: '/n', score: '/s' } } },
  { classNames },
);

type Answers = string | readonly Answer[] | readonly [Answer];

/** Answers in words, lines or JSON of any form, and when to come again: the first byte picks the reader. */
const readers: readonly ((bytes: Uint8Array) => Answers)[] = [
  (bytes) => [readWords(readable.decode(bytes), prompt, classNames)],
  (bytes) => readLines(bytes, { count: 2, classNames }),
  (bytes) => ofJson(bytes, (body) => inWords(body, 2)),
  (bytes) => ofJson(bytes, (body) => inScores(body, 1)),
  (bytes) => ofJson(bytes, (body) => ranked(body, 1)),
  (bytes) => {
    const pause = readRetryAfter(readable.decode(bytes), 0);
    if (pause !== undefined && !(pause >= 0)) throw new Error(`a pause of ${pause} ms`);
    return pause === undefined ? 'none' : 'a pause';
  },
];

function ofJson(bytes: Uint8Array, read: (body: unknown) => Answers): Answers {
  const reply = parseJson(bytes);
  return 'failed' in reply ? reply.failed : read(reply.body);
}

export const suspectWords: FuzzTarget = {
  name: 'suspect-words',
  seeds: () =>
    [
      '0 dog\n',
      '0B',
      '0I am sorry, but I cannot',
      '1cat\n3\n',
      '1[0.1, 2, 3, -1e3]\r\ndog',
      '2{"a":[{"l":"dog"},{"l":2}]}',
      '3{"s":{"cat":1,"dog":2,"A":0,"owl":0.5}}',
      '3{"s":[1,2,3,4]}',
      '4[{"n":"dog","s":0.5},{"n":1,"s":0.25}]',
      '5120',
      '5Wed, 21 Oct 2026 07:28:00 GMT',
    ].map((line) => text.encode(line)),
  run: (input) => {
    const at = ((input[0] ?? 0) - 0x30 + readers.length * 8) % readers.length;
    const answers = readers[at]?.(input.slice(1)) ?? 'none';
    if (typeof answers === 'string') return `${at} ${answers}`;
    const labels = answers.map((answer) => ('label' in answer ? answer.label : -1));
    if (!labels.every((label) => Number.isSafeInteger(label) && label >= -1 && label < 4)) {
      throw new Error(`labels ${labels.join()} of four classes`);
    }
    return `${at} ${answers.map((answer) => ('label' in answer ? 'label' : answer.refused)).join()}`;
  },
};
