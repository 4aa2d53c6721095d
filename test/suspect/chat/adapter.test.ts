import { Buffer } from 'node:buffer';

import { expect } from 'chai';
import sharp from 'sharp';

import type { Image } from '../../../src/base/index.js';
import type { Suspect } from '../../../src/protocol/index.js';
import { chatSuspect, promptFor } from '../../../src/suspect/index.js';
import { coded } from '../../coded.js';
import { type Endpoint, type Handler, json, startEndpoint, text } from '../endpoint.js';

const shape = { height: 2, width: 3, channels: 1 };
const classNames = ['cat', 'dog', 'bird', 'fish'];
const path = '/v1/chat/completions';

function image(label: number): Image {
  return { shape, pixels: Uint8Array.of(label, 11, 12, 13, 14, 15) };
}

/** A completion with this message. */
function says(message: object, finish = 'stop'): Handler {
  return json({ id: 'x', choices: [{ index: 0, finish_reason: finish, message }] });
}

const words = (content: unknown): Handler => says({ role: 'assistant', content, refusal: null });

describe('a suspect that chats about pictures', () => {
  let endpoint: Endpoint;
  const open = (change: Partial<Parameters<typeof chatSuspect>[0]> = {}): Promise<Suspect> =>
    chatSuspect({
      url: endpoint.url,
      model: 'm',
      shape,
      classNames,
      enlargement: 2,
      limits: { timeoutMs: 300, responseLimit: 2000 },
      ...change,
    });
  const answerTo = async (handler: Handler): Promise<unknown> => {
    const suspect = await open();
    endpoint.set(path, handler);
    return (await suspect.classify([image(1)]))[0];
  };

  beforeEach(async () => {
    endpoint = await startEndpoint();
    endpoint.set(path, words('A'));
  });
  afterEach(() => endpoint.close());

  it('gets one fixed prompt and one PNG a question, and is described', async () => {
    const suspect = await open();
    const bodies: unknown[] = [];
    endpoint.set(path, (request, response, body) => {
      bodies.push(body);
      words('C')(request, response, body);
    });
    expect(await suspect.classify([image(1), image(2)])).to.deep.equal([
      { label: 2 },
      { label: 2 },
    ]);
    expect(bodies).to.have.length(2);
    const [body] = bodies as [
      { messages: [{ content: [object, { image_url: { url: string } }] }] },
    ];
    const { url } = body.messages[0].content[1].image_url;
    const prompt =
      'Classify the image. The classes are:\nA) cat\nB) dog\nC) bird\nD) fish\n' +
      'Answer with the letter of the one class that fits best, and with nothing else.';
    expect(body).to.deep.equal({
      model: 'm',
      temperature: 0,
      max_tokens: 32,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: prompt },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ],
    });
    const [, png] = /^data:image\/png;base64,(.*)$/.exec(url)!;
    const { data, info } = await sharp(Buffer.from(png!, 'base64'))
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).to.deep.equal([6, 4]);
    expect([...data.subarray(0, 6)]).to.deep.equal([1, 1, 11, 11, 12, 12]);
    const { digest, ...stated } = suspect.descriptor;
    expect(stated).to.deep.equal({
      kind: 'chat',
      identity: `${endpoint.url}${path} m`,
      shape: '2x3x1',
      classes: 4,
      preprocessing: 'PNG, each pixel enlarged to 2x2',
    });
    expect(suspect.settings).to.deep.include({ prompt });
    const other = await open({ classNames: ['cat', 'dog', 'bird', 'whale'] });
    expect(other.descriptor.digest).not.to.equal(digest);
  });

  it('sends small pictures enlarged to 224 pixels, large ones as they are', async () => {
    const pre = async (side: number) => {
      const suspect = await open({
        shape: { height: side, width: 2 * side, channels: 1 },
        enlargement: undefined,
      });
      return suspect.descriptor.preprocessing;
    };
    expect(await pre(28)).to.equal('PNG, each pixel enlarged to 8x8');
    expect(await pre(224)).to.equal('PNG');
  });

  const reads: Record<string, [Handler, object]> = {
    'a letter': [words('B'), { label: 1 }],
    'a name': [words(' fish\n'), { label: 3 }],
    'parts of text': [words([{ type: 'text', text: 'D' }]), { label: 3 }],
    'a small letter': [words('b'), { refused: 'suspect.answer' }],
    'a sentence': [words('The answer is B.'), { refused: 'suspect.answer' }],
    'two letters': [words('A B'), { refused: 'suspect.answer' }],
    'a letter of no class': [words('E'), { refused: 'suspect.answer' }],
    nothing: [words(null), { refused: 'suspect.answer' }],
    'a refusal': [says({ content: null, refusal: 'No.' }), { refused: 'suspect.declined' }],
    'a refusal in words': [words('I’m sorry, I can’t help.'), { refused: 'suspect.declined' }],
    'a filter': [says({ content: 'A' }, 'content_filter'), { refused: 'suspect.declined' }],
    'no choice': [json({ choices: [] }), { refused: 'suspect.garbage' }],
    'another object': [json({ error: { message: 'no' } }), { refused: 'suspect.garbage' }],
    'no JSON': [text('A'), { refused: 'suspect.garbage' }],
    'an HTTP error': [(_, response) => response.writeHead(429).end(), { refused: 'suspect.http' }],
  };
  for (const [name, [handler, expected]] of Object.entries(reads)) {
    it(`that answers with ${name}`, async () => {
      expect(await answerTo(handler)).to.deep.equal(expected);
    });
  }

  it('is tried out first, and may find no class for the picture of nothing', async () => {
    endpoint.set(path, words('It shows a slope.'));
    await open();
    endpoint.set(path, (_, response) => response.writeHead(401).end());
    await coded('suspect.http', () => open());
    endpoint.set(path, json({}));
    await coded('suspect.garbage', () => open());
    await coded('suspect.url', () => open({ model: '' }));
  });

  it('takes a base address with /v1, and sends headers', async () => {
    let sent: string | undefined;
    endpoint.set(path, (request, response, body) => {
      sent = request.headers.authorization;
      words('A')(request, response, body);
    });
    await open({ url: `${endpoint.url}/v1`, headers: { authorization: 'Bearer s3cret' } });
    expect(sent).to.equal('Bearer s3cret');
  });
});

describe('the prompt of a chat', () => {
  it('numbers more than 26 classes', () => {
    const { text, codes } = promptFor(Array.from({ length: 27 }, (_, i) => `class ${i}`));
    expect(codes?.at(-1)).to.equal('27');
    expect(text).to.include('\n27) class 26\n').and.include('with the number of');
  });

  it('gives no letters that could be mistaken for names of other classes', () => {
    expect(promptFor(['b', 'a']).codes).to.equal(undefined);
    expect(promptFor(['a', 'b']).codes).to.deep.equal(['A', 'B']);
    expect(promptFor(['b', 'a']).text).to.include('\nb\na\nAnswer with the name');
  });

  it('lists no more than 1,000 classes', async () => {
    const names = Array.from({ length: 1001 }, (_, i) => `c${i}`);
    await coded('suspect.classes', () => promptFor(names));
  });
});
