import { expect } from 'chai';

import { openInferenceSuspect, serveModel, type ServedModel } from '../../src/suspect/index.js';
import { coded } from '../coded.js';

const shape = { height: 1, width: 2, channels: 1 };

/** Gives the first pixel's class the greatest score; a first pixel of 9 breaks it. */
const model: ServedModel = {
  name: 'tiny',
  shape,
  classes: 3,
  logits: true,
  predict: (pixels, count) => {
    const logits = new Float32Array(count * 3);
    for (let i = 0; i < count; i++) {
      const pixel = pixels[2 * i]!;
      if (pixel === 9) logits.fill(NaN);
      logits[3 * i + (pixel % 3)]! += 1;
    }
    return Promise.resolve(logits);
  },
};

describe('serveModel', () => {
  it('answers the client of this project', async () => {
    const server = await serveModel({ model, port: 0 });
    for (const output of ['label', 'logits']) {
      const about = { url: server.url, model: 'tiny', shape, classes: 3, batchSize: 2, output };
      const suspect = await openInferenceSuspect(about);
      const images = [2, 0, 1, 9].map((first) => ({ shape, pixels: Uint8Array.of(first, 7) }));
      expect(await suspect.classify(images.slice(0, 3))).to.deep.equal(
        [2, 0, 1].map((label) => ({ label })),
      );
      expect(await suspect.classify(images.slice(3))).to.deep.equal([{ refused: 'suspect.http' }]);
    }
    await server.close();
  });

  it('says what is wrong with a request, and lives on', async () => {
    const server = await serveModel({
      model: { ...model, logits: false },
      port: 0,
      bodyLimit: 500,
    });
    const infer = `${server.url}/v2/models/tiny/infer`;
    const tensor = { name: 'image', datatype: 'UINT8', shape: [1, 1, 2, 1], data: [1, 2] };
    const ask = async (url: string, body?: string) => {
      const response = await fetch(url, body === undefined ? {} : { method: 'POST', body });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const post = (change: object, more: object = {}) =>
      ask(infer, JSON.stringify({ inputs: [{ ...tensor, ...change }], ...more }));

    for (const path of ['/v2', '/v2/health/live', '/v2/health/ready', '/v2/models/tiny/ready']) {
      expect((await ask(server.url + path)).status).to.equal(200);
    }
    expect((await ask(`${server.url}/v2/models/tiny`)).body).to.deep.include({
      inputs: [{ name: 'image', datatype: 'UINT8', shape: [-1, 1, 2, 1] }],
      outputs: [{ name: 'label', datatype: 'INT32', shape: [-1] }],
    });
    expect(
      (await post({ shape: [1, 1, 2, 1], data: [[[[1], [2]]]] }, { id: 'x' })).body,
    ).to.deep.equal({
      model_name: 'tiny',
      id: 'x',
      outputs: [{ name: 'label', datatype: 'INT32', shape: [1], data: [1] }],
    });

    const bad: [number, Promise<{ status: number; body: Record<string, unknown> }>][] = [
      [404, ask(`${server.url}/`)],
      [404, ask(`${server.url}//`)],
      [404, ask(`${server.url}/v2/models/other`)],
      [404, ask(`${server.url}/constructor`)],
      [405, ask(infer)],
      [405, ask(`${server.url}/v2`, '{}')],
      [400, ask(infer, 'nonsense')],
      [400, ask(infer, '{}')],
      [400, post({ name: 'other' })],
      [400, post({ datatype: 'FP32' })],
      [400, post({ shape: [1, 2, 1, 1] })],
      [400, post({ shape: [0, 1, 2, 1], data: [] })],
      [400, post({ shape: [2, 1, 2, 1] })],
      [400, post({ data: [1, 256] })],
      [400, post({ data: [1, 0.5] })],
      [400, post({ data: [1, null] })],
      [400, post({}, { outputs: [{ name: 'logits' }] })],
      [413, ask(infer, ' '.repeat(501))],
      [500, post({ data: [9, 9] })],
    ];
    for (const [status, answer] of bad) {
      const { status: got, body } = await answer;
      expect(got, JSON.stringify(body)).to.equal(status);
      expect(body['error']).to.be.a('string');
    }
    expect((await post({})).status).to.equal(200);
    await server.close();
    await fetch(server.url).then(
      () => expect.fail('it still listens'),
      () => undefined,
    );
  });

  it('names a port that is in use', async () => {
    const server = await serveModel({ model, port: 0 });
    const port = Number(new URL(server.url).port);
    const error = await coded('port.in-use', () => serveModel({ model, port }));
    expect(error.message).to.include(String(port));
    await server.close();
  });

  it('answers what is running before it closes', async () => {
    let answer: (logits: Float32Array) => void = () => undefined;
    let told: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (told = resolve));
    const slow: ServedModel = {
      ...model,
      predict: () =>
        new Promise((resolve) => {
          answer = resolve;
          told();
        }),
    };
    const server = await serveModel({ model: slow, port: 0 });
    const suspect = await openInferenceSuspect({
      url: server.url,
      model: 'tiny',
      shape,
      classes: 3,
    });
    const answers = suspect.classify([{ shape, pixels: Uint8Array.of(1, 1) }]);
    await asked;
    const closed = server.close();
    answer(Float32Array.of(0, 0, 1));
    expect(await answers).to.deep.equal([{ label: 2 }]);
    await closed;
  });
});
