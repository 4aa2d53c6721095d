import { expect } from 'chai';

import type { Image } from '../../src/base/index.js';
import type { Suspect } from '../../src/protocol/index.js';
import { predictSuspect } from '../../src/suspect/index.js';
import { coded } from '../coded.js';
import { type Endpoint, type Handler, json, startEndpoint, text } from './endpoint.js';

type Options = Parameters<typeof predictSuspect>[0];

const shape = { height: 2, width: 3, channels: 1 };
const status = '/v1/models/m';
const predict = '/v1/models/m:predict';

/** Images whose first pixel is the label that the endpoint gives. */
function images(...labels: number[]): Image[] {
  return labels.map((label) => ({ shape, pixels: Uint8Array.of(label, 11, 12, 13, 14, 15) }));
}

describe('a suspect behind V1 :predict', () => {
  let endpoint: Endpoint;
  let asked: unknown[];
  /** Answers each instance with what `each` makes of its first number. */
  const answering =
    (each: (first: number) => unknown): Handler =>
    (_, response, body) => {
      asked.push(body);
      const { instances } = body as { instances: number[][][][] };
      const predictions = instances.map((instance) => each(instance[0]![0]![0]!));
      response.end(JSON.stringify({ predictions }));
    };
  const open = (change: Partial<Options> = {}): Promise<Suspect> =>
    predictSuspect({
      url: endpoint.url,
      model: 'm',
      shape,
      classes: 4,
      batchSize: 2,
      limits: { timeoutMs: 300, responseLimit: 2000 },
      ...change,
    });

  beforeEach(async () => {
    endpoint = await startEndpoint();
    asked = [];
    endpoint.set(status, json({ model_version_status: [{ version: '1', state: 'AVAILABLE' }] }));
    endpoint.set(
      predict,
      answering((label) => label),
    );
  });
  afterEach(() => endpoint.close());

  it('answers in order, in batches, and is described', async () => {
    const suspect = await open();
    expect(await suspect.classify(images(3, 0, 2))).to.deep.equal(
      [3, 0, 2].map((label) => ({ label })),
    );
    const posts = Array<string>(3).fill(`POST ${predict}`);
    expect(endpoint.asked).to.deep.equal([`GET ${status}`, ...posts]);
    expect(asked[2]).to.deep.equal({
      instances: [
        [
          [[2], [11], [12]],
          [[13], [14], [15]],
        ],
      ],
    });
    const { digest, ...stated } = suspect.descriptor;
    expect(digest).to.match(/^[0-9a-f]{64}$/);
    expect(stated).to.deep.equal({
      kind: 'predict-v1',
      identity: `${endpoint.url}/ m`,
      shape: '2x3x1',
      classes: 4,
      preprocessing: 'none: the endpoint gets the bytes of the image',
    });
    await suspect.close();
  });

  it('sends preprocessed numbers where it is told to', async () => {
    endpoint.set(
      predict,
      answering(() => 1),
    );
    const suspect = await open({ preprocessing: { mean: [0.5], std: [0.25] } });
    await suspect.classify(images(255));
    const [, { instances }] = asked as [unknown, { instances: number[][][][] }];
    expect(instances[0]![0]![0]![0]).to.be.closeTo(2, 1e-6);
    expect(suspect.descriptor.preprocessing).to.include('mean 0.5, std 0.25');
  });

  const oneHot = (label: number): number[] => [0, 1, 2, 3].map((k) => (k === label ? 0.7 : 0.1));
  for (const [what, each] of [
    ['scores', oneHot],
    ['scores in a list of one', (label: number) => [oneHot(label)]],
    ['a class in a list of one', (label: number) => [label]],
    [
      'an object with one readable output',
      (label: number) => ({ name: 'x', scores: oneHot(label) }),
    ],
  ] as const) {
    it(`reads ${what}`, async () => {
      endpoint.set(predict, answering(each));
      expect(await (await open()).classify(images(2, 1))).to.deep.equal([
        { label: 2 },
        { label: 1 },
      ]);
    });
  }

  it('reads the output that is named, and guesses none of several', async () => {
    endpoint.set(
      predict,
      answering((label) => ({ classes: label, scores: oneHot(0) })),
    );
    expect(await (await open({ output: 'classes' })).classify(images(3))).to.deep.equal([
      { label: 3 },
    ]);
    await coded('suspect.answer', () => open());
  });

  for (const [what, handler, refused] of [
    ['text', text('no'), 'suspect.garbage'],
    ['another object', json({ error: 'no' }), 'suspect.garbage'],
    ['too few predictions', json({ predictions: [] }), 'suspect.count'],
    ['a class out of range', json({ predictions: [4] }), 'suspect.answer'],
    ['a fraction', json({ predictions: [0.5] }), 'suspect.answer'],
    ['a word', json({ predictions: ['1'] }), 'suspect.answer'],
    ['three scores for four classes', json({ predictions: [[0, 1, 0]] }), 'suspect.answer'],
    ['a score that is no number', json({ predictions: [[0, 1, null, 0]] }), 'suspect.answer'],
    ['too much', text('9'.repeat(3000)), 'suspect.too-large'],
    ['an HTTP error', ((_, response) => response.writeHead(503).end()) as Handler, 'suspect.http'],
    ['nothing', (() => undefined) as Handler, 'suspect.timeout'],
  ] as const) {
    it(`refuses an answer that is ${what}, before the session and within`, async () => {
      const suspect = await open();
      endpoint.set(predict, handler);
      expect(await suspect.classify(images(1))).to.deep.equal([{ refused }]);
      await coded(refused, () => open());
    });
  }

  it('takes KServe’s status, and waits for no model that is not ready', async () => {
    endpoint.set(status, json({ name: 'm', ready: 'True' }));
    await open();
    for (const answer of [
      { name: 'm', ready: false },
      { model_version_status: [{ version: '1', state: 'LOADING' }] },
      { hello: 1 },
    ]) {
      endpoint.set(status, json(answer));
      await coded('suspect.not-ready', () => open());
    }
    await coded('suspect.http', () => open({ model: 'other' }));
    await coded('suspect.url', () => open({ url: 'ftp://x' }));
  });

  it('refuses images of another shape without asking', async () => {
    const suspect = await open();
    const other = { height: 1, width: 1, channels: 1 };
    expect(await suspect.classify([{ shape: other, pixels: Uint8Array.of(1) }])).to.deep.equal([
      { refused: 'suspect.shape' },
    ]);
    expect(asked, 'the first question').to.have.length(1);
  });
});
