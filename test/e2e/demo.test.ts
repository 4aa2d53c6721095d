import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

import { expect } from 'chai';

import { newFolder, succeeds } from './veilmark.js';

interface Counts {
  verdict: string;
  challenged: number;
  matched: number;
  log2PValue: number;
}

/** The form that the item 11 fixes. */
interface DemoJson {
  model: Record<
    'testAccuracy' | 'unmarkedTestAccuracy' | 'triggerAccuracy' | 'unmarkedTriggerAccuracy',
    number
  >;
  blackBox: Counts;
  unmarked: Counts;
  seconds: { total: number };
  files: Record<string, string>;
}

const fileNames = [
  ...['ownerKey', 'judgeKey', 'mark', 'commitment', 'markedModel', 'unmarkedModel'],
  ...['transcript', 'unmarkedTranscript'],
];

describe('demo --json', function () {
  this.timeout(300_000);

  it('prints one JSON object alone, with the figures that are promised', async () => {
    const folder = join(newFolder(), 'demo');
    const { stdout } = await succeeds(['demo', '--json', '--dir', folder]);
    expect(stdout).to.match(/^\{.*\}\n$/);
    const { model, blackBox, unmarked, seconds, files, ...rest } = JSON.parse(stdout) as DemoJson;
    expect(rest).to.deep.equal({});

    expect(model.testAccuracy).to.be.at.least(0.865).and.at.most(1);
    expect(model.testAccuracy - model.unmarkedTestAccuracy).to.be.closeTo(0, 0.01);
    expect(model.triggerAccuracy).to.be.at.least(0.98);
    expect(model.unmarkedTriggerAccuracy).to.be.at.most(0.25);
    expect(Object.keys(model)).to.have.lengthOf(4);

    const keys = ['verdict', 'challenged', 'matched', 'log2PValue'];
    expect(Object.keys(blackBox)).to.deep.equal(keys);
    expect(Object.keys(unmarked)).to.deep.equal(keys);
    expect(blackBox).to.include({ verdict: 'proved', challenged: 40 });
    expect(blackBox.matched).to.be.at.least(38);
    expect(blackBox.log2PValue).to.be.at.most(-104);
    expect(unmarked).to.include({ verdict: 'not-proved', challenged: 40 });
    expect(unmarked.matched).to.be.at.most(16);

    for (const time of Object.values(seconds)) expect(time).to.be.a('number').and.at.least(0);
    expect(seconds.total).to.be.greaterThan(0);
    expect(files).to.include.all.keys(fileNames);
    for (const name of fileNames) {
      const path = files[name]!;
      expect(isAbsolute(path) && existsSync(path), `${name}: ${path}`).to.equal(true);
    }
    const verified = await succeeds(['verify', files['transcript']!]);
    expect(verified.stdout).to.match(/^verdict: proved/m);
  });
});
