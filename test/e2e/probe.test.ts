import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { type Endpoint, json, startEndpoint } from '../suspect/endpoint.js';
import { onnxModel, types } from '../suspect/onnx/model.js';
import { fails, newFolder, succeeds, veilmark } from './veilmark.js';
import { judgeWords, session, type Workshop, workshop, writePolicy } from './workshop.js';

/** The value of a line of `probe` or `inspect`. */
function field(output: string, name: string): string {
  const line = output.split('\n').find((text) => text.startsWith(`${name} `));
  return line?.slice(name.length).trim() ?? '';
}

describe('suspect probe', function () {
  this.timeout(120_000);
  const task = ['--shape', '2x3x1', '--classes', '4'];
  let endpoint: Endpoint;

  beforeEach(async () => {
    endpoint = await startEndpoint();
  });
  afterEach(() => endpoint.close());

  it('tells which protocol a server speaks, shows an answer, and says what to give to judge', async () => {
    endpoint.set('/v1/models/a', json({ ready: true }));
    endpoint.set('/v1/models/a:predict', json({ predictions: [[0.125, 0.5, 0.25, 0.125]] }));
    const names = join(newFolder(), 'names');
    writeFileSync(names, 'cat\ndog\nbird\nfish\n');
    const words = [endpoint.url, '--endpoint-model', 'a', '--shape', '2x3x1'];
    const { stdout } = await succeeds(['suspect', 'probe', ...words, '--suspect-classes', names]);
    expect(field(stdout, 'open-inference')).to.match(
      /^does not fit: .*HTTP 404.*\[suspect\.http\]$/,
    );
    expect(field(stdout, 'predict-v1')).to.equal('fits: class 1 (dog), score 0.5');
    expect(field(stdout, 'chat')).to.match(/^does not fit: .*\[suspect\.http\]$/);
    expect(field(stdout, 'digest')).to.match(/^[0-9a-f]{64}$/);
    expect(field(stdout, 'judge')).to.equal(
      `--endpoint ${endpoint.url} --endpoint-protocol predict-v1 --endpoint-model a --suspect-classes '${names}'`,
    );
  });

  it('says of each way why it does not fit', async () => {
    const { url } = endpoint;
    await endpoint.close();
    await fails(
      {
        code: 'suspect.unfit',
        exit: 2,
        says: /open-inference: .*suspect\.unreachable.*predict-v1: .*chat: .*suspect\.unreachable/,
      },
      ['suspect', 'probe', url, ...task],
    );
    await fails({ code: 'suspect.unfit', exit: 2, says: /command: .*\[suspect\.failed\]/ }, [
      ...['suspect', 'probe', '--suspect-command', 'false', ...task],
    ]);
  });

  it('looks at an ONNX file', async () => {
    const file = join(newFolder(), 'model.onnx');
    const bytes = onnxModel({
      inputs: [{ name: 'x', type: types.float, shape: ['N', 6] }],
      outputs: [{ name: 's', type: types.float, shape: ['N', 4] }],
      nodes: [
        ['Gemm', ['x', 'w'], ['y']],
        ['Softmax', ['y'], ['s'], { axis: 1 }],
      ],
      weights: {
        w: { shape: [6, 4], values: Array.from({ length: 24 }, (_, i) => Number(i === 22)) },
      },
    });
    writeFileSync(file, bytes);
    const { stdout } = await succeeds(['suspect', 'probe', file, ...task]);
    expect(field(stdout, 'onnx')).to.match(/^fits: class 2 \(2\), score 0\.\d+$/);
    expect(field(stdout, 'judge')).to.equal(`--suspect '${file}'`);
  });

  it('refuses options that do nothing, and what names no suspect or no task', async () => {
    const refused: [string, string[]][] = [
      ['usage.suspect', task],
      ['usage.suspect', ['http://127.0.0.1:1', '--suspect-command', 'true', ...task]],
      ['usage.suspect', ['http://127.0.0.1:1', '--endpoint-protocol', 'http-json', ...task]],
      ['usage.unused', ['--suspect-command', 'true', '--suspect-normalise', 'none', ...task]],
      ['usage.task', ['http://127.0.0.1:1', '--shape', '2x3x1']],
      [
        'suspect.classes',
        ['http://127.0.0.1:1', '--shape', '2x3x1', '--suspect-classes', '/dev/null'],
      ],
    ];
    await Promise.all(
      refused.map(([code, words]) => fails({ code, exit: 2 }, ['suspect', 'probe', ...words])),
    );
  });

  it('takes a key from the environment, for a chat', async () => {
    const seen: (string | undefined)[] = [];
    endpoint.set('/v1/chat/completions', (request, response) => {
      seen.push(request.headers.authorization);
      response.end(JSON.stringify({ choices: [{ message: { content: 'C' } }] }));
    });
    const words = [endpoint.url, '--endpoint-protocol', 'chat', '--endpoint-key-env', 'MY_KEY'];
    const { stdout } = await succeeds(['suspect', 'probe', ...words, ...task], {
      env: { MY_KEY: 's3cret' },
    });
    expect(field(stdout, 'chat')).to.equal('fits: class 2 (2)');
    expect(field(stdout, 'preprocessing')).to.equal('PNG, each pixel enlarged to 64x64');
    expect(stdout).not.to.include('s3cret');
    expect(seen).to.deep.equal(['Bearer s3cret', 'Bearer s3cret']);
    await fails({ code: 'suspect.unfit', exit: 2, says: /MY_KEY is not set/ }, [
      ...['suspect', 'probe', ...words, ...task],
    ]);
  });
});

describe('a session about other suspects', function () {
  this.timeout(120_000);
  let shop: Workshop;

  before(async () => {
    shop = await workshop();
  });

  it('with a command: asked as probe said, by the digest in the transcript', async () => {
    const folder = newFolder();
    const script = join(folder, 'always.cjs');
    writeFileSync(
      script,
      "for (const _ of require('node:fs').readdirSync(process.argv.at(-1))) console.log(0);",
    );
    const words = ['--suspect-command', `"${process.execPath}" "${script}"`];
    const probe = ['suspect', 'probe', '--commitment', shop.commitment];
    const probed = await succeeds([...probe, ...words]);
    const { judge, transcript } = await session(shop, words, { policy: writePolicy(folder) });
    expect(judge.stdout).to.match(/^(not-proved|inconclusive), \d+ of 40 matched/);
    const inspected = await succeeds(['inspect', transcript]);
    expect(field(inspected.stdout, 'asked by')).to.match(/^command /);
    expect(field(inspected.stdout, 'suspect digest')).to.equal(
      `${field(probed.stdout, 'digest')} (as stored, not verified)`,
    );
    expect(readFileSync(`${transcript}.queries`, 'utf8')).to.include('"kind":"process"');
  });

  it('with settings of its own: the secret is in no file', async () => {
    const folder = newFolder();
    const endpoint = await startEndpoint();
    try {
      endpoint.set('/classify', json({ best: '3' }));
      const settings = join(folder, 'settings.json');
      writeFileSync(
        settings,
        JSON.stringify({
          url: `${endpoint.url}/classify`,
          headers: { authorization: { env: 'MY_KEY', prefix: 'Bearer ' } },
          body: { image: { $image: 'base64' } },
          classes: Array.from({ length: 10 }, (_, i) => String(i)),
          answer: { label: '/best' },
        }),
      );
      const { judge, transcript } = await session(shop, ['--endpoint-config', settings], {
        policy: writePolicy(folder),
        setting: { env: { MY_KEY: 's3cret' } },
      });
      expect(judge.stdout).to.match(/^(not-proved|inconclusive), \d+ of 40 matched/);
      for (const path of [transcript, `${transcript}.queries`]) {
        expect(readFileSync(path, 'latin1')).not.to.include('s3cret');
      }
    } finally {
      await endpoint.close();
    }
  });

  it('is not begun with options that do nothing, nor in white box mode with a server', async () => {
    const words = judgeWords(shop, join(newFolder(), 't'), 'ws://127.0.0.1:9');
    await fails({ code: 'usage.unused', exit: 2, says: /--onnx-layout .*tfjs/ }, [
      ...[...words, '--suspect', shop.model, '--onnx-layout', 'nchw'],
    ]);
    await fails({ code: 'usage.white-box', exit: 2, says: /--suspect-command/ }, [
      ...[...words, '--mode', 'white-box', '--suspect', shop.model, '--suspect-command', 'true'],
    ]);
    const lost = await veilmark([...words, '--suspect-command', 'false']);
    expect(lost.stdout).to.equal('inconclusive, cause suspect.failed\n');
  });
});
