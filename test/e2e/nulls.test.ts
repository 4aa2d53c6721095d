import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { recheckNullModels } from '../../src/cli/recheck-nulls.js';
import { verifyTranscript } from '../../src/verifier/index.js';
import { coded } from '../coded.js';
import { fails, newFolder, succeeds } from './veilmark.js';
import { listing, session, type Workshop, workshop } from './workshop.js';

const quickly = ['--architecture', 'mlp', '--epochs', '2', '--batch', '50'];

describe('veilmark judge train-nulls, and --null-models', function () {
  this.timeout(300_000).slow(20_000);
  let shop: Workshop;
  let nulls: string;
  const train = (...words: string[]) => [
    ...['judge', 'train-nulls', nulls, '--data', shop.data],
    ...words,
  ];
  const modelsOf = (folder: string) =>
    (
      JSON.parse(readFileSync(join(folder, 'nulls.json'), 'utf8')) as {
        models: { folder: string; model: string }[];
      }
    ).models;

  before(async () => {
    shop = await workshop();
    nulls = join(newFolder(), 'nulls');
    await succeeds(train('--count', '2', ...quickly));
  });

  it('trains different models, keeps those that are whole, and goes on with the others', async () => {
    const before = modelsOf(nulls);
    expect(new Set(before.map(({ model }) => model)).size).to.equal(2);
    expect(listing(nulls)).to.include.members(['nulls.json', 'null-001', 'null-002']);
    const { stdout } = await succeeds(train('--count', '3', ...quickly));
    expect(stdout).to.include('3 null models').and.include('1 trained now');
    expect(modelsOf(nulls).slice(0, 2)).to.deep.equal(before);

    // As after a crash: the same model comes out of it again.
    rmSync(join(nulls, 'null-002'), { recursive: true });
    await succeeds(train('--count', '1', ...quickly));
    expect(modelsOf(nulls).map(({ folder }) => folder)).to.deep.equal(['null-001']);
    await succeeds(train('--count', '2', ...quickly));
    expect(modelsOf(nulls).slice(0, 2)).to.deep.equal(before);
    expect(modelsOf(nulls)).to.have.length(3);
  });

  it('refuses to mix models of other options, and folders of other things', async () => {
    await fails({ code: 'nulls.other', exit: 2 }, train('--count', '3', ...quickly, '--seed', '2'));
    const elsewhere = ['judge', 'train-nulls', shop.claim, '--data', shop.data, ...quickly];
    await fails({ code: 'nulls.folder', exit: 2 }, elsewhere);
    await fails({ code: 'usage.architecture', exit: 2 }, train('--architecture', 'mlp,mpl'));
    await fails({ code: 'usage.number', exit: 2 }, train('--count', '0'));
    await fails({ code: 'usage.arguments', exit: 2 }, train('--prover', 'ws://x'));
  });

  it('asks them in a session; verify asks them again, and a false report is found', async () => {
    const count = modelsOf(nulls).length;
    const { judge, transcript, policy } = await session(shop, [
      ...['--suspect', shop.model, '--null-models', nulls],
    ]);
    expect(judge.code, judge.stderr).to.equal(0);
    expect(judge.stderr).to.match(/null models: \d match \d+ of \d+0 /);
    const read = ['verify', transcript, '--policy', policy];
    const { stdout, stderr } = await succeeds([...read, '--null-models', nulls]);
    expect(stderr).to.include(`${count} of ${count} asked again`);
    expect(stdout).to.match(/null models\s+\d match \d+ of \d+0 /);
    const { stdout: json } = await succeeds([...read, '--json']);
    expect((JSON.parse(json) as { nulls: object }).nulls).to.include({
      models: count,
      asked: 40 * count,
    });

    const { session: ended, ...report } = verifyTranscript(readFileSync(transcript));
    if (ended.phase !== 'closed') return expect.fail();
    const { verdict } = ended;
    const lied = verdict.nulls.map((one) => ({ ...one, matches: one.matches + 1 }));
    const lying = { ...report, session: { ...ended, verdict: { ...verdict, nulls: lied } } };
    await coded('nulls.differ', () => recheckNullModels(lying, [nulls], 'auto'));

    const stranger = join(newFolder(), 'nulls');
    const other = ['judge', 'train-nulls', stranger, '--data', shop.data, ...quickly];
    await succeeds([...other, '--count', '1', '--seed', 'stranger']);
    await fails({ code: 'nulls.unknown', exit: 2 }, [...read, '--null-models', stranger]);
  });

  it('asks them about opened pairs, and writes a page of these for a person', async () => {
    const page = join(newFolder(), 'page.html');
    const words = ['panel', page, '--commitment', shop.commitment, '--models', nulls];
    const { stdout, stderr } = await succeeds(words);
    expect(stdout.trim().split('\n')).to.have.length(1 + 4);
    expect(stderr).to.match(/of \d of 4 pairs; so many or more by derivation with chance/);
    expect(stderr).to.match(
      /commonest committed label of these pairs: label \d, \d of 4 triggers, by derivation/,
    );
    expect(readFileSync(page, 'utf8').match(/<img/g)).to.have.length(4);
    await fails({ code: 'file.exists', exit: 2 }, words);
  });

  it('refuses models that are marked, named twice or too few before the session begins', async () => {
    const first = join(nulls, 'null-001');
    const copy = join(newFolder(), 'copy');
    cpSync(first, copy, { recursive: true });
    const words = ['judge', join(newFolder(), 't'), '--prover', 'ws://127.0.0.1:9', '--key'];
    const refused = async (code: string, ...more: string[]) => {
      const all = [...words, shop.judgeKey, '--commitment', shop.commitment];
      const suspect = ['--decoys', shop.data, '--suspect', shop.model];
      await fails({ code, exit: 2 }, [...all, ...suspect, ...more]);
    };
    await refused('nulls.marked', '--null-models', shop.model);
    await refused('nulls.twice', '--null-models', first, '--null-models', copy);
    await refused('usage.white-box', '--null-models', nulls, '--mode', 'white-box');
    expect(existsSync(copy)).to.equal(true);
  });
});
