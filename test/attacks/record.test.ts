import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import fc from 'fast-check';

import {
  type AttackRecord,
  decimalText,
  encodeRecord,
  parseRecord,
  readRecord,
  verdictOf,
  writeRecord,
} from '../../src/attacks/index.js';
import { utf8ToBytes } from '../../src/base/index.js';
import { coded } from '../coded.js';
import { attackRecord, measured, point, sweepRecord } from './records.js';

/** A record's JSON with one thing changed, which the types would not allow. */
function spoilt(change: (record: Record<string, unknown>) => void): Uint8Array {
  const record = JSON.parse(new TextDecoder().decode(encodeRecord(attackRecord()))) as Record<
    string,
    unknown
  >;
  change(record);
  return utf8ToBytes(JSON.stringify(record));
}

describe('an attack record', () => {
  const second = {
    before: measured(9_100, [4, 5]),
    after: measured(9_100, [38, 40]),
  };
  const whole: AttackRecord[] = [
    attackRecord(),
    sweepRecord(),
    attackRecord({ second, notes: ['the attacker’s own mark'] }),
    attackRecord({
      points: [{ ...point(measured(9_000, [3, 4, 5])), ownerHead: measured(8_800, [40, 38, 39]) }],
    }),
  ];

  it('reads back as it was written', () => {
    for (const record of whole) {
      expect(parseRecord(encodeRecord(record))).to.deep.equal(record);
    }
  });

  it('is written whole to a file, and never when it contradicts itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'veilmark-attack-'));
    try {
      const path = join(folder, 'record.json');
      const wrong = attackRecord({ before: { ...measured(9_100, [40, 40, 40]), threshold: 41 } });
      await coded('attack.record', () => writeRecord(path, wrong));
      expect(existsSync(path)).to.equal(false);
      await coded('file.missing', () => readRecord(path));
      await writeRecord(path, attackRecord());
      expect(await readRecord(path)).to.deep.equal(attackRecord());
      writeFileSync(path, readFileSync(path).subarray(0, -1));
      await coded('attack.record', () => readRecord(path));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses fields that are missing, foreign or of another form, naming each', async () => {
    const cases: [field: string, change: (record: Record<string, unknown>) => void][] = [
      ['/kind', (record) => (record['kind'] = 'veilmark/model')],
      ['/version', (record) => (record['version'] = 2)],
      ['/points', (record) => (record['points'] = [])],
      ['/attack', (record) => (record['attack'] = '../up')],
      ['/model', (record) => (record['model'] = 'AB')],
      ['/title', (record) => (record['title'] = 'a\u202eb')],
      ['/notes', (record) => (record['notes'] = ['a\nb'])],
      ['/cost', (record) => (record['cost'] = { epochs: 'NaN', queries: 0, seconds: 0 })],
      ['/before', (record) => (record['before'] = { test: 1 })],
      ['', (record) => (record['more'] = 1)],
      ['/options', (record) => (record['options'] = { '<b>': '1' })],
    ];
    for (const [field, change] of cases) {
      const { message } = await coded('attack.record', () => parseRecord(spoilt(change)));
      expect(message).to.include(field);
    }
    await coded('attack.record', () => parseRecord(utf8ToBytes('{')));
    await coded('attack.record', () => parseRecord(utf8ToBytes('null')));
    const spaced = utf8ToBytes(` ${new TextDecoder().decode(encodeRecord(attackRecord()))}`);
    const { message } = await coded('attack.record', () => parseRecord(spaced));
    expect(message).to.include('canonical');
  });

  it('refuses numbers that contradict one another, naming the place', async () => {
    const before = measured(9_100, [40, 40, 40]);
    const { triggers } = before;
    const [firstCurve] = attackRecord().curves;
    const overfull = { ...firstCurve!.epochs[0]!, test: { correct: 2, total: 1 } };
    const cases: [says: RegExp, changes: Partial<AttackRecord>][] = [
      [
        /before: test has 11 correct of 10/,
        { before: { ...before, test: { correct: 11, total: 10 } } },
      ],
      [
        /before: batches add up to 120, not 119/,
        { before: { ...before, triggers: { ...triggers, correct: 119 } } },
      ],
      [/before: 41 matches in a batch of 40/, { before: measured(9_100, [41, 40, 39]) }],
      [
        /before: 3 batches of 40 are not 121/,
        { before: { ...before, triggers: { ...triggers, total: 121 } } },
      ],
      [/before: threshold 41 above/, { before: { ...before, threshold: 41 } }],
      [/before: log2P 0\.1 is no chance/, { before: { ...before, log2P: '0.1' } }],
      [
        /points\/0\/after: verdict proved, the batches say partly/,
        {
          points: [point({ ...measured(9_000, [40, 25, 40]), verdict: 'proved' })],
        },
      ],
      [
        /points\/0\/after was measured on other images/,
        { points: [point(measured(9_000, [40, 40]))] },
      ],
      [
        /points\/0\/after was measured on other images or by another policy/,
        { points: [point({ ...measured(9_000, [40, 40, 40]), threshold: 25 })] },
      ],
      [
        /points\/0\/ownerHead was measured on other images/,
        {
          points: [{ ...point(before), ownerHead: measured(9_000, [40]) }],
        },
      ],
      [/second\/after was measured on other/, { second: { before, after: measured(1, [1]) } }],
      [/points\/0 has a value without an axis/, { points: [point(before, { value: '1' })] }],
      [/points\/0 has no value on the axis x/, { axis: 'x' }],
      [
        /curves\/0\/epochs\/0: test has 2 correct of 1/,
        { curves: [{ label: '', epochs: [overfull] }] },
      ],
    ];
    for (const [says, changes] of cases) {
      const { message } = await coded('attack.record', () => encodeRecord(attackRecord(changes)));
      expect(message).to.match(says);
    }
  });

  it('spells numbers so that they read back the same', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = decimalText(value);
        expect(Number(text) === value).to.equal(true);
        // Beyond what is measured a number may have an exponent of three digits, which records refuse.
        if (value !== 0 && (Math.abs(value) < 1e-90 || Math.abs(value) > 1e20)) return;
        const [curve] = attackRecord().curves;
        const epochs = [{ ...curve!.epochs[0]!, loss: text }];
        parseRecord(encodeRecord(attackRecord({ curves: [{ label: 'a', epochs }] })));
      }),
    );
    expect([NaN, Infinity].map(decimalText)).to.deep.equal(['', '']);
  });

  it('says proved for all batches, partly for some, not-proved for none', () => {
    expect(verdictOf([26, 26], 26)).to.equal('proved');
    expect(verdictOf([26, 25], 26)).to.equal('partly');
    expect(verdictOf([25, 25], 26)).to.equal('not-proved');
  });
});
