import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { type Endpoint, json, metadata, startEndpoint } from '../suspect/endpoint.js';
import { onnxModel, types } from '../suspect/onnx/model.js';
import { fails, newFolder, succeeds, veilmark } from './veilmark.js';
import { judgeWords, session, type Workshop, workshop, writePolicy } from './workshop.js';

/** A graph that gives a row of four sums of six pixels each: class 3 is the sum of the second row alone. */
function writeGraph(folder: string): void {
  const float = { T: { type: 'DT_FLOAT' } };
  const constant = (name: string, type: string) => ({
    name,
    op: 'Const',
    attr: { dtype: { type } },
  });
  const dim = [-1, 2, 3, 1].map((size) => ({ size: String(size) }));
  const node = [
    {
      name: 'x',
      op: 'Placeholder',
      attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim } } },
    },
    constant('sides', 'DT_INT32'),
    constant('w', 'DT_FLOAT'),
    { name: 'flat', op: 'Reshape', input: ['x', 'sides'], attr: float },
    { name: 'y', op: 'MatMul', input: ['flat', 'w'], attr: float },
  ];
  const weights = [
    { name: 'sides', shape: [2], dtype: 'int32' },
    { name: 'w', shape: [6, 4], dtype: 'float32' },
  ];
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'model.json'),
    JSON.stringify({
      format: 'graph-model',
      modelTopology: { node, library: {}, versions: { producer: 1 } },
      weightsManifest: [{ paths: ['weights.bin'], weights }],
    }),
  );
  const w = Float32Array.from({ length: 24 }, (_, i) => Number(i === 23));
  const bytes = [Int32Array.of(-1, 6), w].map(({ buffer }) => new Uint8Array(buffer));
  writeFileSync(join(folder, 'weights.bin'), Buffer.concat(bytes));
}

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

  /** Probes, and probes again with the options that a shell makes of what was printed for `judge`. */
  const twice = async (words: readonly string[], about: readonly string[]): Promise<string> => {
    const { stdout } = await succeeds(['suspect', 'probe', ...words, ...about]);
    const shell = ['-c', `printf '%s\\0' ${field(stdout, 'judge')}`];
    const pasted = execFileSync('/bin/sh', shell, { encoding: 'utf8' }).split('\0').slice(0, -1);
    const again = await succeeds(['suspect', 'probe', ...pasted, ...about]);
    expect(field(again.stdout, 'digest')).to.equal(field(stdout, 'digest'));
    expect(field(again.stdout, 'judge')).to.equal(field(stdout, 'judge'));
    return stdout;
  };

  it('finds every kind, and prints options that work when they are pasted', async function () {
    this.timeout(300_000);
    const folder = newFolder();
    endpoint.set('/v1/models/a', json({ ready: true }));
    endpoint.set('/v1/models/a:predict', json({ predictions: [3] }));
    endpoint.set('/v1/chat/completions', json({ choices: [{ message: { content: 'C' } }] }));
    endpoint.set('/classify', json({ best: 'b' }));
    const settings = join(folder, "judge's settings.json");
    const own = { classes: ['a', 'b'], answer: { label: '/best' } };
    const body = { image: { $image: 'numbers' } };
    writeFileSync(settings, JSON.stringify({ url: `${endpoint.url}/classify`, body, ...own }));
    const graph = join(folder, 'graph');
    writeGraph(graph);
    const program = `"${process.execPath}" -e "console.log('[0,1,0,0]')" --`;
    const found: [string, string, string[]][] = [
      ['open-inference', 'fits: class 0 (0)', [endpoint.url, '--endpoint-model', 'm']],
      ['predict-v1', 'fits: class 3 (3)', [endpoint.url, '--endpoint-model', 'a']],
      ['chat', 'fits: class 2 (2)', [endpoint.url, '--endpoint-model', 'a b']],
      ['http-json', 'fits: class 1 (b)', ['--endpoint-config', settings]],
      ['command', 'fits: class 1 (1), score 1', ['--suspect-command', program]],
      ['tfjs-graph', 'fits: class 3 (3), score 1.67059', [graph, '--suspect-normalise', '0/0.5']],
    ];
    for (const [kind, says, words] of found) {
      expect(field(await twice(words, task), kind), kind).to.equal(says);
    }
    const { model, commitment } = await workshop();
    expect(field(await twice([model], ['--commitment', commitment]), 'tfjs')).to.match(
      /^fits: class \d \(\d\), score /,
    );
  });

  it('lets no server write lines of its own', async () => {
    const forged = "x\njudge           --suspect-command 'rm -rf'";
    const outputs = [{ name: forged, datatype: 'BYTES', shape: [-1] }];
    endpoint.set('/v2/models/model', json({ ...metadata, outputs }));
    endpoint.set('/v1/models/model', json({ ready: true }));
    endpoint.set('/v1/models/model:predict', json({ predictions: [1] }));
    const { stdout } = await succeeds(['suspect', 'probe', endpoint.url, ...task]);
    expect(field(stdout, 'open-inference')).to.include('rm -rf');
    expect(field(stdout, 'judge')).to.match(/^--endpoint /);
    const words = [endpoint.url, '--endpoint-protocol', 'open-inference', ...task];
    const { stderr } = await veilmark(['suspect', 'probe', ...words]);
    expect(stderr).to.match(/^error: .*rm -rf.*\nhint: .*\n$/);
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
