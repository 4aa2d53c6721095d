import { canonicalJson } from '../../../src/base/index.js';
import type { Answer } from '../../../src/protocol/index.js';
import { promptFor, readRetryAfter } from '../../../src/suspect/index.js';
import { readWords } from '../../../src/suspect/chat/prompt.js';
import { readLines } from '../../../src/suspect/command/read.js';
import { answerReader } from '../../../src/suspect/http-json/read.js';
import { parseJson } from '../../../src/suspect/request.js';
import { type FuzzTarget, readable, text } from '../target.js';

const classNames = ['cat', 'dog', '2'];
const prompt = promptFor(classNames);
const readers = [
  { label: '/label' },
  { scores: '/scores' },
  { items: '/items', label: '/label' },
  { ranked: { list: '', label: '/label', score: '/score' } },
].map((answer) => answerReader({ answer }, { classNames }));

/** What a suspect says by `http-json`, in a chat, as a program that was asked about two pictures, and of when to come again. */
export const suspectAnswer: FuzzTarget = {
  name: 'suspect-answer',
  seeds: () =>
    [
      '{"label":1,"scores":[0.1,-0,9e9]}',
      '{"scores":{"cat":0,"dog":1,"2":-1},"items":[{"label":"dog"}]}',
      '[{"label":"cat","score":0.5},{"label":2,"score":-0.0}]',
      'B',
      'cat\n[0.1, 0.2, 1e400]\n',
      '2\r\n-0\r\n',
      '120',
      'Wed, 21 Oct 2026 07:28:00 GMT',
    ].map((said) => text.encode(said)),
  run: (input) => {
    const reply = parseJson(input);
    const body = 'failed' in reply ? undefined : reply.body;
    const pause = readRetryAfter(readable.decode(input), 0);
    if (pause !== undefined && !(pause >= 0)) throw new Error(`a pause of ${pause} ms`);
    const said = [
      ...(pause === undefined ? [] : ['a pause']),
      ...readers.map((read) => read(body, 1)),
      [readWords(readable.decode(input), prompt, classNames)],
      readLines(input, { count: 2, classNames }),
    ];
    return said.map((one) => (typeof one === 'string' ? one : one.map(checked).join())).join(' ');
  },
};

/** An answer is one that a log takes, and a class is one of three. */
function checked(answer: Answer): string {
  canonicalJson(answer);
  if ('refused' in answer) return answer.refused;
  if (answer.label >= 0 && answer.label < 3) return 'label';
  throw new Error(`the label ${answer.label} of three classes`);
}
