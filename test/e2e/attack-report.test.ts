import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { type AttackRecord, encodeRecord } from '../../src/attacks/index.js';
import { attackRecord, sweepRecord } from '../attacks/records.js';
import { fails, newFolder, succeeds } from './veilmark.js';
import { counts, listing, writeData } from './workshop.js';

/** Writes records as attacks do, each into a folder of its own. */
function writeRecords(folder: string, records: Record<string, AttackRecord>): void {
  for (const [name, record] of Object.entries(records)) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'record.json'), encodeRecord(record));
  }
}

describe('veilmark attack report', function () {
  this.timeout(60_000);
  let folder: string;
  const report = (...words: string[]) => ['attack', 'report', ...words];

  beforeEach(() => {
    folder = newFolder();
    writeRecords(join(folder, 'attacks'), {
      '10-pruning': sweepRecord(),
      '9-fine-tuning/first': attackRecord(),
    });
  });

  it('reads every record below a folder and writes a page and a JSON file', async () => {
    const out = join(folder, 'attacks');
    const { stdout, stderr } = await succeeds(report(out));
    expect(stdout).to.equal('2 attacks, 1 succeeded\n  Prune by magnitude\n');
    expect(stderr).to.match(/wrote .*report\.html and report\.json/);
    const [page, json] = ['report.html', 'report.json'].map((name) =>
      readFileSync(join(out, name)),
    );
    const { attacks, notTried } = JSON.parse(String(json)) as {
      attacks: { record: AttackRecord }[];
      notTried: string[];
    };
    // Folders in natural order: 9 before 10.
    expect(attacks.map(({ record }) => record.attack)).to.deep.equal(['ftal', 'prune-magnitude']);
    expect(notTried).to.include('overwrite').and.not.to.include('ftal');
    expect(String(page)).to.include('Fine-tune all layers').and.not.to.include('<img');
    await succeeds(report(out));
    expect(readFileSync(join(out, 'report.html'))).to.deep.equal(page);
  });

  it('reads the folders and files that are named, each record once', async () => {
    const out = join(folder, 'new', 'report');
    const one = join(folder, 'attacks', '10-pruning');
    const words = [one, join(one, 'record.json'), join(folder, 'attacks')];
    const { stdout } = await succeeds(report(out, ...words));
    expect(stdout).to.match(/^2 attacks/);
    expect(listing(out)).to.deep.equal(['report.html', 'report.json']);
  });

  it('refuses what is no record, naming the file, and writes nothing', async () => {
    const out = join(folder, 'out');
    const path = join(folder, 'attacks', '10-pruning', 'record.json');
    const good = readFileSync(path, 'utf8');
    writeFileSync(path, good.replace('"verdict":"proved"', '"verdict":"partly"'));
    const wrong = { code: 'attack.record', exit: 2, says: /batches say proved/ };
    const { stderr } = await fails(wrong, report(out, join(folder, 'attacks')));
    expect(stderr).to.include(path);
    expect(existsSync(out)).to.equal(false);
    const none = newFolder();
    await Promise.all([
      fails({ code: 'attack.none', exit: 2 }, report(none)),
      fails({ code: 'file.folder', exit: 2 }, report(out, join(none, 'missing'))),
    ]);
    writeFileSync(path, good);
    const blocked = join(path, 'below-a-file');
    await fails({ code: 'file.write', exit: 5 }, report(blocked, join(folder, 'attacks')));
  });

  it('shows the triggers only with the owner’s consent, of the claim that was attacked', async () => {
    const at = (name: string): string => join(folder, name);
    writeData(at('data'));
    await succeeds(['keygen', at('key'), '--plain']);
    const task = ['--key', at('key'), '--data', `idx:${at('data')}`, '--plain', ...counts];
    await succeeds(['commit', at('claim'), ...task]);
    const facts = await succeeds(['inspect', at('claim/commitment.veilmark')]);
    const [, commitment = ''] = /^digest +([0-9a-f]{64})$/m.exec(facts.stdout) ?? [];
    const claim = ['--claim', at('claim')];

    const asked = { code: 'usage.show-triggers', exit: 2, says: /consent/ };
    const consent = [...claim, '--show-triggers'];
    const foreign = { code: 'attack.claim', exit: 2, says: new RegExp(commitment) };
    await Promise.all([
      fails(asked, report(at('attacks'), ...claim)),
      fails({ code: 'usage.claim', exit: 2 }, report(at('attacks'), '--show-triggers')),
      fails(foreign, report(at('attacks'), ...consent)),
    ]);
    expect(listing(at('attacks'))).not.to.include('report.html');

    writeRecords(at('own'), { ftal: attackRecord({ commitment }) });
    const { stderr } = await succeeds(report(at('own'), ...consent));
    expect(stderr).to.match(/do not publish/);
    const page = at('own/report.html');
    expect(readFileSync(page, 'utf8')).to.match(/src="data:image\/png;base64,iVBOR/);
    expect(statSync(page).mode & 0o777).to.equal(0o600);
    expect(readFileSync(at('own/report.json'), 'utf8')).not.to.include('base64');
  });
});
