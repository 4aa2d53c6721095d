import { Buffer } from 'node:buffer';

import { expect } from 'chai';
import sharp from 'sharp';

import type { Image } from '../../../src/base/index.js';
import type { Suspect } from '../../../src/protocol/index.js';
import { type AttemptRecord, httpJsonSuspect, parseHttpJson } from '../../../src/suspect/index.js';
import { coded } from '../../coded.js';
import { type Endpoint, type Handler, json, startEndpoint, text } from '../endpoint.js';

const shape = { height: 2, width: 3, channels: 1 };
const classNames = ['cat', 'dog', 'bird', 'fish'];

/** Images whose first pixel is the label that the endpoint gives. */
function images(...labels: number[]): Image[] {
  return labels.map((label) => ({ shape, pixels: Uint8Array.of(label, 11, 12, 13, 14, 15) }));
}

async function pixelsOf(png: Uint8Array): Promise<number[]> {
  return Array.from(await sharp(png).toColourspace('b-w').raw().toBuffer());
}

describe('a suspect behind any HTTP interface that answers in JSON', () => {
  let endpoint: Endpoint;
  let asked: { headers: Record<string, unknown>; url: string; method: string; body: unknown }[];
  const answering =
    (answer: (body: unknown) => unknown): Handler =>
    (request, response, body) => {
      const { headers, url = '', method = '' } = request;
      asked.push({ headers, url, method, body });
      response.end(JSON.stringify(answer(body)));
    };
  const open = (
    config: object,
    change: Partial<Parameters<typeof httpJsonSuspect>[0]> = {},
  ): Promise<Suspect> =>
    httpJsonSuspect({
      config: parseHttpJson(
        Buffer.from(JSON.stringify({ url: `${endpoint.url}/classify`, ...config })),
      ),
      shape,
      classNames,
      environment: {},
      limits: { timeoutMs: 300, responseLimit: 2000 },
      ...change,
    });
  const simple = { body: { image: { $image: 'numbers' } }, answer: { label: '/class' } };
  const firstPixel = (body: unknown): number => (body as { image: number[] }).image[0]!;

  beforeEach(async () => {
    endpoint = await startEndpoint();
    asked = [];
    endpoint.set(
      '/classify',
      answering((body) => ({ class: classNames[firstPixel(body)] ?? 'cat' })),
    );
  });
  afterEach(() => endpoint.close());

  it('is tried out with one harmless question, answers by class names, and is described', async () => {
    const suspect = await open({ ...simple, body: { ...simple.body, top_k: 1, note: '"$image"' } });
    expect(await suspect.classify(images(3, 0, 2))).to.deep.equal(
      [3, 0, 2].map((label) => ({ label })),
    );
    expect(asked.map(({ body }) => body)).to.deep.equal([
      { image: [0, 42, 85, 128, 170, 213], top_k: 1, note: '"$image"' },
      ...[3, 0, 2].map((label) => ({
        image: [label, 11, 12, 13, 14, 15],
        top_k: 1,
        note: '"$image"',
      })),
    ]);
    const { digest, ...stated } = suspect.descriptor;
    expect(digest).to.match(/^[0-9a-f]{64}$/);
    expect(stated).to.deep.equal({
      kind: 'http-json',
      identity: `${endpoint.url}/classify`,
      shape: '2x3x1',
      classes: 4,
      preprocessing: 'none: the bytes of the image',
    });
  });

  it('puts another digest on other settings and other class names', async () => {
    const digests = await Promise.all(
      [
        open(simple),
        open({ ...simple, body: { ...simple.body, x: 1 } }),
        open(simple, { classNames: ['cat', 'dog', 'fish', 'bird'] }),
      ].map(async (suspect) => (await suspect).descriptor.digest),
    );
    expect(new Set(digests).size).to.equal(3);
  });

  it('sends batches of PNGs and reads scores in a list with one member an image', async () => {
    const pictures: string[] = [];
    endpoint.set(
      '/classify',
      answering((body) => {
        const { inputs } = body as { inputs: { data: string }[] };
        pictures.push(...inputs.map(({ data }) => data));
        return {
          out: inputs.map((_, i) => ({ scores: classNames.map((_c, k) => Number(k === i)) })),
        };
      }),
    );
    const suspect = await open({
      body: { inputs: { $images: { data: { $image: 'data-url' } } } },
      enlarge: 2,
      batch: 2,
      answer: { items: '/out', scores: '/scores' },
    });
    expect(suspect.descriptor.preprocessing).to.equal('PNG, each pixel enlarged to 2x2');
    expect(await suspect.classify(images(7, 8, 9))).to.deep.equal(
      [0, 1, 0].map((label) => ({ label })),
    );
    expect(pictures).to.have.length(4);
    const [, png] = /^data:image\/png;base64,(.*)$/.exec(pictures[1]!)!;
    expect(await pixelsOf(Buffer.from(png!, 'base64'))).to.deep.equal([
      ...[7, 7, 11, 11, 12, 12, 7, 7, 11, 11, 12, 12],
      ...[13, 13, 14, 14, 15, 15, 13, 13, 14, 14, 15, 15],
    ]);
  });

  it('sends numbers as the settings say', async () => {
    const two = { height: 1, width: 2, channels: 3 };
    const image = { shape: two, pixels: Uint8Array.of(0, 51, 255, 255, 102, 0) };
    endpoint.set(
      '/classify',
      answering(() => [2]),
    );
    const suspect = await open(
      {
        body: { rows: { $image: 'rows' }, flat: { $image: 'numbers' } },
        layout: 'chw',
        normalise: { mean: [0, 0, 1], std: [1, 0.5, 1] },
        answer: { label: '/0' },
        firstLabel: 1,
      },
      { shape: two },
    );
    expect(await suspect.classify([image])).to.deep.equal([{ label: 1 }]);
    const [f4, f8] = [Math.fround(0.4), Math.fround(0.8)];
    expect(asked.at(-1)!.body).to.deep.equal({
      rows: [[[0, 1]], [[f4, f8]], [[0, -1]]],
      flat: [0, 1, f4, f8, 0, -1],
    });
    expect(suspect.descriptor.preprocessing).to.include('std 1 0.5 1, channel by channel');
  });

  it('sends a form with a file, or the file alone', async () => {
    endpoint.set(
      '/classify',
      answering(() => ({ class: 'fish' })),
    );
    const { answer } = simple;
    const fields = { model: 'm"; name="a', a: '1' };
    const form = await open({ multipart: { file: 'image', fields }, answer });
    expect(await form.classify(images(1))).to.deep.equal([{ label: 3 }]);
    const sent = asked.at(-1)!;
    const [, boundary] = /^multipart\/form-data; boundary=([\w-]+)$/.exec(
      String(sent.headers['content-type']),
    )!;
    const parts = (sent.body as Buffer).toString('latin1').split(`--${boundary!}`);
    const disposition = 'content-disposition: form-data; name=';
    expect(parts.slice(0, 3)).to.deep.equal([
      '',
      `\r\n${disposition}"a"\r\n\r\n1\r\n`,
      `\r\n${disposition}"model"\r\n\r\nm"; name="a\r\n`,
    ]);
    expect(parts[4]).to.equal('--\r\n');
    const head = `\r\n${disposition}"image"; filename="image.png"\r\ncontent-type: image/png\r\n\r\n`;
    expect(parts[3]!.slice(0, head.length)).to.equal(head);
    const file = Buffer.from(parts[3]!.slice(head.length, -2), 'latin1');
    expect(await pixelsOf(file)).to.deep.equal([1, 11, 12, 13, 14, 15]);

    const raw = await open({ raw: 'png', method: 'PUT', answer });
    expect(await raw.classify(images(1))).to.deep.equal([{ label: 3 }]);
    const last = asked.at(-1)!;
    expect([last.method, last.headers['content-type']]).to.deep.equal(['PUT', 'image/png']);
    expect(await pixelsOf(last.body as Buffer)).to.deep.equal([1, 11, 12, 13, 14, 15]);
  });

  it('takes secrets from the environment, and shows them in no record and no description', async () => {
    const records: AttemptRecord[] = [];
    // The scripted endpoint takes a query for a part of the path.
    endpoint.set(
      '/classify?v=1+%26x&mine=s3cret',
      answering(() => ({ class: 'dog' })),
    );
    const suspect = await open(
      {
        ...simple,
        headers: { authorization: { env: 'KEY', prefix: 'Bearer ' }, 'x-mine': { env: 'KEY' } },
        query: { v: '1 &x', mine: { env: 'KEY' } },
      },
      {
        environment: { KEY: 's3cret' },
        record: (attempt) => {
          records.push(attempt);
          return Promise.resolve();
        },
      },
    );
    expect(asked[0]!.headers['authorization']).to.equal('Bearer s3cret');
    expect(asked[0]!.headers['x-mine']).to.equal('s3cret');
    expect(records).to.have.length(1);
    expect(JSON.stringify([records, suspect.descriptor, suspect.settings])).not.to.include(
      's3cret',
    );
    endpoint.set(
      '/classify?k=s3cret',
      answering(() => ({ class: 'dog' })),
    );
    records.length = 0;
    await open(
      { ...simple, headers: { k: 'shown' }, query: { k: { env: 'KEY' } } },
      {
        environment: { KEY: 's3cret' },
        record: (attempt) => {
          records.push(attempt);
          return Promise.resolve();
        },
      },
    );
    expect(records.map(({ url }) => new URL(url).searchParams.get('k'))).to.deep.equal(['secret']);
    await coded('suspect.secret', () =>
      open({ ...simple, headers: { authorization: { env: 'NONE' } } }),
    );
    for (const name of ['access_key', 'appKey', 'sig', 'jwt-bearer']) {
      await coded('suspect.config', () => open({ ...simple, query: { [name]: 'x' } }));
    }
    await coded('suspect.secret', () =>
      open(
        { ...simple, headers: { authorization: { env: 'KEY' } } },
        { environment: { KEY: 'a\r\nx: y' } },
      ),
    );
    await coded('suspect.config', () =>
      open({ ...simple, headers: { authorization: 'Bearer x' } }),
    );
    await coded('suspect.config', () => open({ ...simple, headers: { host: 'x' } }));
  });

  const ranked = { list: '/top', label: '/name', score: '/p' };
  const reads: Record<string, [object, unknown, object]> = {
    'a class by its number': [{ label: '/class' }, { class: 2 }, { label: 2 }],
    'a number out of range': [{ label: '/class' }, { class: 4 }, { refused: 'suspect.answer' }],
    'a name of no class': [{ label: '/class' }, { class: 'Cat' }, { refused: 'suspect.answer' }],
    'a name that every object has': [
      { label: '/constructor/name' },
      {},
      { refused: 'suspect.answer' },
    ],
    'scores of a class beside those': [
      { scores: '/s' },
      { s: { fish: 0.1, dog: 0.2, bird: -1, cat: 0, none: 0.9 } },
      { refused: 'suspect.answer' },
    ],
    'scores by name': [
      { scores: '/s' },
      { s: { fish: 0.1, dog: 0.9, bird: -1, cat: 0 } },
      { label: 1 },
    ],
    'scores of which one is missing': [
      { scores: '/s' },
      { s: { fish: 0.1, dog: 0.9, bird: -1 } },
      { refused: 'suspect.answer' },
    ],
    'too many scores': [{ scores: '' }, [1, 0, 0, 0, 0], { refused: 'suspect.answer' }],
    'a ranked list': [
      { ranked },
      {
        top: [
          { name: 'other', p: 0.1 },
          { name: 'fish', p: 0.6 },
          { name: 'cat', p: 0.3 },
        ],
      },
      { label: 3 },
    ],
    'a ranked list that a foreign label leads': [
      { ranked },
      {
        top: [
          { name: 'other', p: 0.9 },
          { name: 'fish', p: 0.6 },
        ],
      },
      { refused: 'suspect.answer' },
    ],
    'a ranked list with a tie': [
      { ranked },
      {
        top: [
          { name: 'cat', p: 0.5 },
          { name: 'fish', p: 0.5 },
        ],
      },
      { refused: 'suspect.answer' },
    ],
    'a ranked list with scores as text': [
      { ranked },
      { top: [{ name: 'cat', p: '0.5' }] },
      { refused: 'suspect.answer' },
    ],
    'an empty ranked list': [{ ranked }, { top: [] }, { refused: 'suspect.answer' }],
  };
  for (const [name, [answer, body, expected]] of Object.entries(reads)) {
    it(`reads ${name}`, async () => {
      const readable = { class: 0, s: [1, 0, 0, 0], top: [{ name: 'cat', p: 1 }] };
      const isList = (answer as { scores?: string }).scores === '';
      const isOdd = (answer as { label?: string }).label === '/constructor/name';
      const first = isOdd ? { constructor: { name: 'cat' } } : readable;
      endpoint.set('/classify', json(isList ? [1, 0, 0, 0] : first));
      const suspect = await open({ ...simple, answer });
      endpoint.set('/classify', json(body));
      expect(await suspect.classify(images(1))).to.deep.equal([expected]);
    });
  }

  it('tells the winning score', async () => {
    const scores: number[] = [];
    endpoint.set('/classify', json([0.25, 0.5, 0.125, 0.125]));
    await open({ ...simple, answer: { scores: '' } }, { onScore: (score) => scores.push(score) });
    expect(scores).to.deep.equal([0.5]);
  });

  const hostile: Record<string, [string, Handler]> = {
    'answers nothing': ['suspect.timeout', () => undefined],
    'sends elsewhere': [
      'suspect.redirect',
      (_, response) => response.writeHead(302, { location: '/trap' }).end(),
    ],
    'answers endlessly': ['suspect.too-large', text(`"${'x'.repeat(3000)}"`)],
    'answers very deeply': ['suspect.garbage', text('['.repeat(999) + ']'.repeat(999))],
    'answers no JSON': ['suspect.garbage', text('cat')],
    'answers with an error': ['suspect.http', (_, response) => response.writeHead(401).end()],
  };
  for (const [name, [cause, handler]] of Object.entries(hostile)) {
    it(`that ${name} is refused before the session, and refuses within`, async () => {
      const suspect = await open(simple);
      endpoint.set('/classify', handler);
      expect(await suspect.classify(images(1))).to.deep.equal([{ refused: cause }]);
      await coded(cause, () => open(simple));
      expect(endpoint.asked.some((line) => line.includes('trap'))).to.equal(false);
    });
  }

  it('that answers for another number of images, or without the list, refuses the batch', async () => {
    const config = {
      body: [{ $images: { $image: 'base64' } }],
      batch: 4,
      answer: { items: '/p', label: '' },
    };
    endpoint.set('/classify', json({ p: ['cat'] }));
    const suspect = await open(config);
    expect(await suspect.classify(images(1, 2))).to.deep.equal(
      Array(2).fill({ refused: 'suspect.count' }),
    );
    endpoint.set('/classify', json({ q: ['cat'] }));
    expect(await suspect.classify(images(1))).to.deep.equal([{ refused: 'suspect.garbage' }]);
  });

  it('whose answer to the first question is no class is refused before the session', async () => {
    await coded('suspect.answer', () => open(simple, { classNames: ['x', 'y'] }));
  });

  it('refuses an image of another shape', async () => {
    const suspect = await open(simple);
    const odd = { shape: { ...shape, width: 1 }, pixels: new Uint8Array(2) };
    expect(await suspect.classify([odd])).to.deep.equal([{ refused: 'suspect.shape' }]);
  });
});
