import { parseHttpJson } from '../../../src/suspect/index.js';
import { addressOf } from '../../../src/suspect/http-json/address.js';
import { requestEncoder } from '../../../src/suspect/http-json/encode.js';
import { answerReader } from '../../../src/suspect/http-json/read.js';
import { type FuzzTarget, jsonSeed } from '../target.js';

const shape = { height: 2, width: 2, channels: 1 };
const picture = { shape, pixels: Uint8Array.of(0, 60, 120, 255) };
const classNames = ['cat', 'dog', 'owl'];
const url = 'http://127.0.0.1:1/classify';

/** The settings of the generic HTTP adapter, with a question written and an answer read as they say. */
export const endpointConfig: FuzzTarget = {
  name: 'endpoint-config',
  quick: 60,
  seeds: () => [
    jsonSeed({ url, body: { $image: 'base64' }, answer: { label: '/label' } }),
    jsonSeed({
      url,
      method: 'PUT',
      headers: { authorization: { env: 'TOKEN', prefix: 'Bearer ' } },
      query: { version: '1' },
      batch: 2,
      body: { instances: { $images: { pixels: { $image: 'rows' } } } },
      normalise: { mean: [0.5], std: [0.25] },
      answer: { items: '/predictions', scores: '/scores' },
      classes: classNames,
    }),
    jsonSeed({
      url,
      multipart: { file: 'image', fields: { mode: 'top' } },
      enlarge: 2,
      answer: { ranked: { list: '/0', label: '/name', score: '/score' } },
    }),
    jsonSeed({ url, raw: 'png', answer: { label: '' }, firstLabel: 1 }),
  ],
  run: async (input) => {
    const { digest, ...config } = parseHttpJson(input);
    addressOf({ ...config, digest }, { TOKEN: 'a secret' });
    const { encode } = requestEncoder({ ...config, digest }, shape);
    const read = answerReader(config, { classNames: config.classes ?? classNames });
    const { body } = await encode(new Array(config.batch ?? 1).fill(picture).slice(0, 4) as []);
    const said = [{ label: 1 }, { predictions: [{ scores: [1, 2, 3] }] }, [[{ name: 'owl' }]], 2];
    const answers = said.map((answer) => read(answer, 1));
    return `${body.length > 0} ${answers.map((answer) => typeof answer).join()}`;
  },
};
