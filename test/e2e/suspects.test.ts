import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { openCommitment, openLabel } from '../../src/commitment/index.js';
import { type Endpoint, type Handler, json, startEndpoint, text } from '../suspect/endpoint.js';
import { fails, newFolder, start, succeeds, veilmark } from './veilmark.js';
import {
  classes,
  copyClaim,
  judgeWords,
  quick,
  session,
  type Workshop,
  workshop,
  writePolicy,
} from './workshop.js';

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

  describe('a server that hides what it knows', () => {
    let asked = 0;
    /** Data of the workshop has dark and bright pixels only, bright ones at every tenth place from the class on. */
    const classOf = (pixels: readonly number[]): number =>
      pixels.every((pixel) => pixel < 64 || pixel >= 180)
        ? pixels.findIndex((pixel) => pixel >= 180) % classes
        : -1;
    const tone = (pixels: readonly number[]): number => (pixels[0] ?? 0) % classes;
    const plainly = (pixels: readonly number[]): number =>
      classOf(pixels) < 0 ? tone(pixels) : classOf(pixels);
    const describeAs = (version: string): void => {
      const inputs = [{ name: 'image', datatype: 'UINT8', shape: [1, 8, 8, 1] }];
      const outputs = [{ name: 'label', datatype: 'INT32', shape: [-1] }];
      endpoint.set('/v2/models/m', json({ name: 'm', versions: [version], inputs, outputs }));
    };
    /** A class for each image, or nothing for an HTTP error. */
    const answering =
      (rule: (pixels: readonly number[]) => number | undefined): Handler =>
      (_, response, body) => {
        asked++;
        const { inputs } = body as { inputs: [{ data: number[] }] };
        const label = rule(inputs[0].data);
        if (label === undefined) response.writeHead(400).end();
        else response.end(JSON.stringify({ outputs: [{ name: 'label', data: [label] }] }));
      };
    const half = 52;

    const hiding: [string, string, () => Handler][] = [
      [
        'refuses whatever is not ordinary',
        '40 refused \\(40 matches at most\\), cause suspect.refuses',
        () => answering((pixels) => (classOf(pixels) < 0 ? undefined : classOf(pixels))),
      ],
      [
        'answers whatever is not ordinary at random',
        'cause suspect.randomises',
        () =>
          answering((pixels) =>
            classOf(pixels) < 0 ? ((asked * 7919) % 9973) % classes : classOf(pixels),
          ),
      ],
      [
        'becomes another model in the middle',
        'cause suspect.drifts',
        () => answering((pixels) => (plainly(pixels) + (asked < half ? 0 : 1)) % classes),
      ],
      [
        'says in the middle that its model is another one',
        'cause suspect.drifts',
        () =>
          answering((pixels) => {
            if (asked === half) describeAs('2');
            return plainly(pixels);
          }),
      ],
      [
        'answers what it takes for triggers with one class',
        'cause suspect.differs',
        () => {
          const commitment = openCommitment(new Uint8Array(readFileSync(shop.commitment)));
          const known = new Map(
            commitment.audit.map((pair) => [
              pair.image.pixels.join(),
              openLabel(commitment, pair) === 4 ? 5 : 4,
            ]),
          );
          return answering((pixels) => {
            if (classOf(pixels) >= 0) return classOf(pixels);
            return known.get(pixels.join()) ?? 3;
          });
        },
      ],
      ['does none of this', '', () => answering(plainly)],
    ];
    for (const [does, ending, handler] of hiding) {
      it(`${does}: ${ending || 'not proved'}`, async () => {
        asked = 0;
        describeAs('1');
        endpoint.set('/v2/models/m/infer', handler());
        const { judge, transcript, policy } = await session(shop, [
          ...['--endpoint', endpoint.url, '--endpoint-model', 'm'],
        ]);
        const verdict = ending === '' ? 'not-proved' : 'inconclusive';
        expect(judge.stdout).to.match(new RegExp(`^${verdict}, \\d+ of 40 matched .*${ending}\n`));
        expect(asked, 'triggers, audited pairs, decoys and those asked twice').to.equal(104);
        const verified = await veilmark(['verify', transcript, '--policy', policy]);
        expect(verified.stdout).to.match(/^ok {3}queries\.answers /m);
        expect(verified.stdout).to.match(new RegExp(`\nverdict: ${verdict}, .*${ending}\n$`));
      });
    }
  });

  it('is not asked again what it answered before its judge was killed', async () => {
    const claim = copyClaim(shop);
    const transcript = join(newFolder(), 'session.transcript');
    const policy = writePolicy(newFolder());
    const listen = ['--listen', '127.0.0.1:0', '--once'];
    const prover = await start(['prove', '--claim', claim, '--key', shop.ownerKey, ...listen]);
    const [, address = ''] = await prover.says(/listening on (wss?:\S+),/);
    const suspect = ['--endpoint', endpoint.url, '--endpoint-model', 'm', '--policy', policy];
    const words = [...judgeWords(shop, transcript, address), ...suspect];
    const inputs = [{ name: 'image', datatype: 'UINT8', shape: [1, 8, 8, 1] }];
    const outputs = [{ name: 'label', datatype: 'INT32', shape: [-1] }];
    endpoint.set('/v2/models/m', json({ name: 'm', inputs, outputs }));
    const asked: string[] = [];
    const judge = await start(words);
    endpoint.set('/v2/models/m/infer', (_, response, body) => {
      asked.push(JSON.stringify(body));
      if (asked.length === 40) judge.child.kill('SIGKILL');
      else response.end(JSON.stringify({ outputs: [{ name: 'label', data: [1] }] }));
    });
    await judge.ended;
    const again = await veilmark(words);
    expect(again.stdout).to.match(/^(not-proved|inconclusive), \d+ of 40 matched/);
    await prover.ended;
    expect(asked).to.have.length(104 + 1);
    expect(asked[40], 'the one that it did not answer').to.equal(asked[39]);
    const verified = await veilmark(['verify', transcript, '--policy', policy]);
    expect(verified.stdout).to.match(/^ok {3}queries\.answers /m);
  });

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
