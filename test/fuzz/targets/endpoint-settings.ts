import { parseHttpJson } from '../../../src/suspect/index.js';
import { addressOf } from '../../../src/suspect/http-json/address.js';
import { requestEncoder } from '../../../src/suspect/http-json/encode.js';
import { answerReader } from '../../../src/suspect/http-json/read.js';
import { type FuzzTarget, jsonSeed } from '../target.js';

const shape = { height: 2, width: 2, channels: 3 };
const picture = { shape, pixels: new Uint8Array(12) };
const url = 'http://127.0.0.1:9/score';

/** Settings of an HTTP interface, and a question and an answer in their way. */
export const endpointSettings: FuzzTarget = {
  name: 'endpoint-settings',
  seeds: () => [
    jsonSeed({
      url,
      headers: { 'x-key': { env: 'KEY', prefix: 'Bearer ' } },
      query: { v: '1' },
      body: { inputs: { $images: { x: { $image: 'rows' }, y: { $image: 'data-url' } } } },
      layout: 'chw',
      normalise: { mean: [0, 0, 0], std: [1, 1, 1] },
      batch: 2,
      answer: { items: '/a~1b', scores: '/s' },
    }),
    jsonSeed({
      url,
      multipart: { file: 'image', fields: { a: 'b' } },
      enlarge: 2,
      answer: { ranked: { list: '', label: '/0/l', score: '/s' } },
    }),
    jsonSeed({ url, raw: 'png', classes: ['a', 'b'], firstLabel: 1, answer: { label: '/l' } }),
  ],
  run: async (input) => {
    const config = parseHttpJson(input);
    addressOf(config, { KEY: 'secret' });
    const { encode } = requestEncoder(config, shape);
    const { body } = await encode([picture]);
    const read = answerReader(config, { classNames: config.classes ?? ['a', 'b'] });
    const said = read({ 'a/b': [{ s: [1, 2] }], l: 1 }, 1);
    return `${body.length > 0 ? 'asked' : 'nothing'} ${typeof said === 'string' ? said : said.length}`;
  },
};
