import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { type Endpoint, json, startEndpoint, text } from '../suspect/endpoint.js';
import { fails, newFolder, succeeds, veilmark } from './veilmark.js';
import { judgeWords, quick, session, type Workshop, workshop, writePolicy } from './workshop.js';

describe('suspects that do not answer as they should', function () {
  this.timeout(120_000);
  let shop: Workshop;
  let endpoint: Endpoint;

  before(async () => {
    shop = await workshop();
    endpoint = await startEndpoint();
    const inputs = [{ name: 'image', datatype: 'UINT8', shape: [-1, 8, 8, 1] }];
    const outputs = [{ name: 'label', datatype: 'INT32', shape: [-1] }];
    endpoint.set('/v2/models/m', json({ name: 'm', inputs, outputs }));
  });

  after(() => endpoint.close());

  const answers = {
    'suspect.http': (_: unknown, response: { writeHead(status: number): { end(): void } }) => {
      response.writeHead(500).end();
    },
    'suspect.garbage': text('<html>'),
    'suspect.count': json({
      outputs: [{ name: 'label', datatype: 'INT32', shape: [1], data: [1] }],
    }),
    'suspect.timeout': () => undefined,
  };

  for (const [cause, answer] of Object.entries(answers)) {
    it(`an endpoint: inconclusive with ${cause}, in a signed transcript`, async () => {
      endpoint.set('/v2/models/m/infer', answer);
      const policy = writePolicy(newFolder(), { querySeconds: 1, retries: 1 });
      const { judge, transcript } = await session(
        shop,
        [...['--endpoint', endpoint.url, '--endpoint-model', 'm']],
        { policy },
      );
      expect(judge.stdout).to.match(new RegExp(`^inconclusive, 0 of 40 .*cause ${cause}\\n`));
      expect(judge.code).to.equal(4);
      expect(existsSync(`${transcript}.queries`)).to.equal(true);
      const verified = await veilmark(['verify', transcript]);
      expect(verified.stdout).to.match(/^ok {3}queries\.answers /m);
      expect(verified.stdout).to.match(new RegExp(`verdict: inconclusive, .*${cause}`));
      expect(verified.code).to.equal(4);
    });
  }

  it('names the line of a label map that does not fit, before it connects', async () => {
    const folder = newFolder();
    const words = [...judgeWords(shop, join(folder, 't'), 'ws://127.0.0.1:9')];
    const maps = { short: '0\n1\n', foreign: '0\n10\n', words: '0\none\n' };
    for (const [name, text] of Object.entries(maps)) {
      writeFileSync(join(folder, name), text);
      await fails({ code: 'judge.label-map', exit: 2 }, [
        ...[...words, '--suspect', shop.model, '--label-map', join(folder, name)],
      ]);
    }
    expect(existsSync(join(folder, 't'))).to.equal(false);
  });

  it('a model that gives NaN: inconclusive with suspect.answer', async () => {
    const model = join(newFolder(), 'model');
    cpSync(shop.model, model, { recursive: true });
    rmSync(join(model, 'veilmark.json'));
    const weights = readFileSync(join(model, 'weights.bin'));
    for (let at = 0; at < weights.length; at += 4) weights.writeFloatLE(NaN, at);
    writeFileSync(join(model, 'weights.bin'), weights);
    const { judge } = await session(shop, ['--suspect', model]);
    expect(judge.stdout).to.match(
      /^inconclusive, 0 of 40 .*40 refused \(40 matches at most\), cause suspect\.answer\n/,
    );
    expect(judge.code).to.equal(4);
  });

  it('refuses a suspect that does not fit before it spends a batch', async () => {
    const folder = newFolder();
    const model = join(folder, 'model');
    const [transcript, nowhere] = [join(folder, 't'), 'ws://127.0.0.1:1'];
    await succeeds(['train', model, ...quick.slice(0, 2), '--epochs', '1']);
    const words = judgeWords(shop, transcript, nowhere);
    await fails({ code: 'model.shape', exit: 2, says: /28x28x1.*8x8x1/ }, [
      ...[...words, '--suspect', model],
    ]);
    endpoint.set('/v2/models/m', json({ name: 'm', inputs: [], outputs: [] }));
    const ended = await veilmark([...words, '--endpoint', endpoint.url, '--endpoint-model', 'm']);
    expect(ended.stderr).to.match(/\[suspect\.metadata\]/);
    const lost = await veilmark([...words, '--endpoint', 'http://127.0.0.1:9']);
    expect(lost.stdout).to.equal('inconclusive, cause suspect.unreachable\n');
    expect(lost.code).to.equal(4);
    expect(existsSync(transcript)).to.equal(false);
  });
});
