import { expect } from 'chai';

import { canonicalJson, type Image } from '../../src/base/index.js';
import { openInferenceSuspect, type OpenInferenceOptions } from '../../src/suspect/index.js';
import type { Suspect } from '../../src/protocol/index.js';
import { coded } from '../coded.js';
import { type Endpoint, type Handler, json, metadata, startEndpoint, text } from './endpoint.js';

const shape = { height: 2, width: 3, channels: 1 };
const infer = '/v2/models/m/infer';

/** Images whose first pixel is the label that the endpoint gives. */
function images(...labels: number[]): Image[] {
  return labels.map((label) => ({ shape, pixels: Uint8Array.of(label, 11, 12, 13, 14, 15) }));
}

function outputs(data: unknown, name = 'label'): Handler {
  return json({ model_name: 'm', outputs: [{ name, data }] });
}

describe('a suspect behind the Open Inference Protocol', () => {
  let endpoint: Endpoint;
  const open = (change: Partial<OpenInferenceOptions> = {}): Promise<Suspect> =>
    openInferenceSuspect({
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
  });
  afterEach(() => endpoint.close());

  it('answers in order, in batches, and is described', async () => {
    const suspect = await open();
    const answers = await suspect.classify(images(3, 0, 2, 1, 3));
    expect(answers).to.deep.equal([3, 0, 2, 1, 3].map((label) => ({ label })));
    expect(endpoint.asked).to.deep.equal([
      'GET /v2/health/ready',
      'GET /v2/models/m',
      ...Array<string>(3).fill(`POST ${infer}`),
    ]);
    const { digest, ...stated } = suspect.descriptor;
    expect(digest).to.match(/^[0-9a-f]{64}$/);
    expect(stated).to.deep.equal({
      kind: 'open-inference',
      identity: `${endpoint.url}/ m`,
      shape: '2x3x1',
      classes: 4,
      preprocessing: 'none: the endpoint gets the bytes of the image',
    });
    await suspect.close();
  });

  it('gets preprocessed numbers, channels first, one image a request, if it says so', async () => {
    const two = { height: 1, width: 2, channels: 3 };
    const input = { name: 'x', datatype: 'FP32', shape: [1, 3, 1, 2] };
    const scores = { name: 's', datatype: 'FP32', shape: [-1, 4] };
    endpoint.set('/v2/models/m', json({ ...metadata, inputs: [input], outputs: [scores] }));
    const bodies: unknown[] = [];
    endpoint.set(infer, (request, response, body) => {
      bodies.push(body);
      outputs([[0.5, 0.75, 0.75, -1]], 's')(request, response, body);
    });
    const preprocessing = { mean: [0, 0, 1], std: [1, 0.5, 1] };
    await coded('suspect.preprocessing', () => open({ shape: two }));
    const suspect = await open({ shape: two, preprocessing });
    const image = { shape: two, pixels: Uint8Array.of(0, 51, 255, 255, 102, 0) };
    expect(await suspect.classify([image, image])).to.deep.equal([{ label: 1 }, { label: 1 }]);
    expect(bodies).to.have.length(2);
    const data = [0, 1, Math.fround(0.4), Math.fround(0.8), 0, -1];
    expect(bodies[0]).to.deep.equal({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3, 1, 2], data }],
      outputs: [{ name: 's' }],
    });
    expect(suspect.descriptor.preprocessing).to.include('mean 0 0 1, std 1 0.5 1');
  });

  const refusing: Record<string, [string, Handler]> = {
    'answers nothing': ['suspect.timeout', () => undefined],
    'drips its answer': [
      'suspect.timeout',
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
    ],
    'breaks the connection': ['suspect.unreachable', (request) => request.socket.destroy()],
    'breaks off its answer': [
      'suspect.unreachable',
      (request, response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('{', () => request.socket.destroy());
      },
    ],
    'speaks another protocol from now on': [
      'suspect.unreachable',
      ({ socket }) => {
        const head =
          'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n';
        socket.write(head);
      },
    ],
    'is compressed in a way that only looks like one': [
      'suspect.garbage',
      (_, response) => response.writeHead(200, { 'content-encoding': 'constructor' }).end('{}'),
    ],
    'answers with an error': ['suspect.http', (_, response) => response.writeHead(500).end('{}')],
    'answers endlessly': ['suspect.too-large', text(' '.repeat(2001))],
    'answers with nothing': ['suspect.garbage', text('')],
    'answers with garbage': ['suspect.garbage', text('<html>')],
    'answers with NaN, which JSON has not': [
      'suspect.garbage',
      text('{"outputs":[{"name":"label","data":[NaN,1]}]}'),
    ],
    'answers with bytes that are no text': [
      'suspect.garbage',
      (_, response) => response.end(Uint8Array.of(0x22, 0xff, 0x22)),
    ],
    'answers with null': ['suspect.garbage', json(null)],
    'answers without outputs': ['suspect.garbage', json({ outputs: [] })],
    'answers with another output': ['suspect.garbage', outputs([1, 2], 'other')],
    'answers with an object for data': ['suspect.garbage', outputs({ length: 2 })],
    'answers for fewer images': ['suspect.count', outputs([1])],
    'answers for more images': ['suspect.count', outputs([1, 2, 3])],
    'answers with classes out of range': ['suspect.answer', outputs([4, -1])],
    'answers with other than integers': ['suspect.answer', outputs([1.0000000001, '1'])],
    'answers with nothing for each': ['suspect.answer', outputs([null, [null]])],
  };
  for (const [name, [cause, handler]] of Object.entries(refusing)) {
    it(`that ${name} refuses with ${cause}, and goes on after`, async () => {
      const suspect = await open();
      endpoint.set(infer, handler);
      expect(await suspect.classify(images(1, 2))).to.deep.equal([
        { refused: cause },
        { refused: cause },
      ]);
      endpoint.set(infer, outputs([2, 3]));
      expect(await suspect.classify(images(2, 3))).to.deep.equal([{ label: 2 }, { label: 3 }]);
    });
  }

  it('that answers −0 answers with the class 0, as a log can hold it', async () => {
    const suspect = await open();
    endpoint.set(infer, text('{"outputs":[{"name":"label","data":[-0,-0.0]}]}'));
    const answers = await suspect.classify(images(1, 2));
    expect(canonicalJson(answers)).to.equal('[{"label":0},{"label":0}]');
  });

  it('is not followed elsewhere', async () => {
    const suspect = await open();
    endpoint.set(infer, (_, response) => response.writeHead(307, { location: '/trap' }).end());
    expect(await suspect.classify(images(1))).to.deep.equal([{ refused: 'suspect.redirect' }]);
    expect(endpoint.asked.some((line) => line.includes('trap'))).to.equal(false);
  });

  it('with scores that are no numbers refuses those images alone', async () => {
    const scores = { name: 's', datatype: 'FP32', shape: [-1, 4] };
    endpoint.set('/v2/models/m', json({ ...metadata, outputs: [scores] }));
    const suspect = await open();
    endpoint.set(infer, outputs([0, 1, null, 3, 0, 5, 5, 1], 's'));
    const answers = await suspect.classify(images(1, 2));
    expect(answers).to.deep.equal([{ refused: 'suspect.answer' }, { label: 1 }]);
  });

  it('that is gone is not waited for again and again', async () => {
    const suspect = await open();
    endpoint.set(infer, () => undefined);
    const answers = await suspect.classify(images(...Array<number>(20).fill(1)));
    expect(answers).to.deep.equal(Array(20).fill({ refused: 'suspect.timeout' }));
    expect(endpoint.asked.filter((line) => line.includes('infer'))).to.have.length(3);
  });

  it('is stopped by the judge in the middle of a question', async () => {
    const suspect = await open();
    const controller = new AbortController();
    endpoint.set(infer, () => {
      controller.abort();
    });
    const answers = await suspect.classify(images(1, 1, 1), controller.signal);
    expect(answers).to.deep.equal(Array(3).fill({ refused: 'suspect.stopped' }));
  });

  it('refuses an image of another shape', async () => {
    const suspect = await open();
    const odd = { shape: { ...shape, width: 1 }, pixels: new Uint8Array(2) };
    expect(await suspect.classify([odd])).to.deep.equal([{ refused: 'suspect.shape' }]);
  });

  it('that does not fit is refused before the first question, naming both sides', async () => {
    const [input] = metadata.inputs;
    const [output] = metadata.outputs;
    const unfit: [string, object][] = [
      ['28x28x1', { inputs: [{ ...input, shape: [-1, 28, 28, 1] }] }],
      ['6', { inputs: [{ ...input, shape: [-1, 6] }] }],
      ['FP64', { inputs: [{ ...input, datatype: 'FP64' }] }],
      ['batches of exactly 8', { inputs: [{ ...input, shape: [8, 2, 3, 1] }] }],
      ['2 inputs', { inputs: [input, input] }],
      ['0 inputs', { inputs: [] }],
      ['4 scores', { outputs: [{ name: 's', datatype: 'FP32', shape: [-1, 10] }] }],
      ['4 scores', { outputs: [{ ...output, datatype: 'BYTES' }] }],
      ['4 scores', { outputs: [{ ...output, shape: [-1, 2, 2] }] }],
      ['outputs', { outputs: 7 }],
    ];
    for (const [named, change] of unfit) {
      endpoint.set('/v2/models/m', json({ ...metadata, ...change }));
      const error = await coded('suspect.metadata', () => open());
      expect(error.message).to.include(named);
    }
    endpoint.set('/v2/models/m', json(metadata));
    await coded('suspect.metadata', () => open({ output: 'other' }));
    for (const url of ['nonsense', 'ftp://127.0.0.1', 'http://a:b@127.0.0.1', 'http://h/?q']) {
      await coded('suspect.url', () => open({ url }));
    }
    for (const url of [
      'https://me:hush@h/',
      'h?key=hush',
      'http://me:a/hush@h',
      'http://h/#hush',
    ]) {
      const error = await coded('suspect.url', () => open({ url }));
      expect(error.message).to.not.include('hush');
    }
    await coded('suspect.url', () => open({ model: 'm\n' }));
  });

  it('that cannot be asked at all says why', async () => {
    await coded('suspect.http', () => open({ model: 'other' }));
    endpoint.set('/v2/health/ready', (_, response) => response.writeHead(503).end());
    const error = await coded('suspect.http', () => open());
    expect(error.message).to.include('HTTP 503').and.include(endpoint.url);
    endpoint.set('/v2/health/ready', () => undefined);
    await coded('suspect.timeout', () => open());
    await endpoint.close();
    await coded('suspect.unreachable', () => open());
  });
});
