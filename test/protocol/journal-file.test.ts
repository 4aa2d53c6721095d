import { expect } from 'chai';
import fc from 'fast-check';

import { concatBytes, equalBytes } from '../../src/base/index.js';
import {
  decodeJournal,
  encodeJournalBegin,
  encodeJournalRecord,
  isJournal,
  type JournalRecord,
  newJournalBegin,
  secretOf,
} from '../../src/protocol/index.js';
import { coded } from '../coded.js';
import { canonical, taggedHash } from '../twin/bytes.js';

const begin = newJournalBegin({
  role: 'owner',
  commitment: new Uint8Array(32).fill(1),
  secret: new Uint8Array(32).fill(2),
});
const bytes = fc.uint8Array({ maxLength: 40 });
const record: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({ kind: fc.constantFrom('own' as const, 'peer' as const), message: bytes }),
  fc.record({ kind: fc.constant('abort' as const), message: bytes }),
  fc.record({ kind: fc.constant('abort' as const), message: bytes, refused: bytes }),
);

/** A journal's bytes, and the length of each of its beginnings that ends with a whole record. */
function written(records: readonly JournalRecord[]): { file: Uint8Array; ends: number[] } {
  const start = encodeJournalBegin(begin);
  let { bytes: file, end } = start;
  const ends = [end.length];
  for (const one of records) {
    const next = encodeJournalRecord(end, one);
    file = concatBytes(file, next.bytes);
    ({ end } = next);
    ends.push(end.length);
  }
  return { file, ends };
}

describe('the bytes of a journal', () => {
  it('give back what was written', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (records) => {
        const { file } = written(records);
        const read = decodeJournal(file);
        expect(isJournal(file)).to.equal(true);
        expect(read.records).to.deep.equal(records);
        expect(read.begin).to.deep.equal(begin);
        expect(read.end.length).to.equal(file.length);
        expect(secretOf(read.begin)).to.deep.equal(new Uint8Array(32).fill(2));
      }),
    );
  });

  it('lose a last record that was cut off anywhere, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), fc.nat(), (records, cut) => {
        const { file, ends } = written(records);
        const first = ends[0]!;
        const length = first + (cut % (file.length - first));
        const whole = ends.filter((end) => end <= length).length - 1;
        const torn = decodeJournal(file.subarray(0, length));
        expect(torn.records).to.deep.equal(records.slice(0, whole));
        expect(torn.end.length).to.equal(ends[whole]);
        // Nor does a file system that made the file longer, and did not write what goes there.
        const zeros = concatBytes(file.subarray(0, ends[whole]), new Uint8Array(1 + (cut % 90)));
        expect(decodeJournal(zeros).records).to.have.length(whole);
      }),
    );
  });

  it('are refused with any byte changed but in the last record', async () => {
    const { file, ends } = written([
      { kind: 'peer', message: new Uint8Array(3) },
      { kind: 'own', message: new Uint8Array(5) },
      { kind: 'abort', message: new Uint8Array(2), refused: new Uint8Array(4) },
    ]);
    for (let at = 0; at < ends[2]!; at++) {
      const damaged = file.map((byte, i) => (i === at ? byte ^ 1 : byte));
      await coded('journal.damaged', () => decodeJournal(damaged));
    }
    for (let at = ends[2]!; at < file.length; at++) {
      const damaged = file.map((byte, i) => (i === at ? byte ^ 1 : byte));
      // A head is never half written with its check.
      if (at < ends[2]! + 17) await coded('journal.damaged', () => decodeJournal(damaged));
      else expect(decodeJournal(damaged).records).to.have.length(2);
    }
    const [one, two] = [file.subarray(ends[0], ends[1]), file.subarray(ends[1], ends[2])];
    const swapped = concatBytes(file.subarray(0, ends[0]), two, one, file.subarray(ends[2]));
    await coded('journal.damaged', () => decodeJournal(swapped));
    const without = concatBytes(file.subarray(0, ends[0]), file.subarray(ends[1]));
    await coded('journal.damaged', () => decodeJournal(without));
  });

  it('are those of the specification', () => {
    const payload = Buffer.from(canonical({ ...begin }));
    const size = Buffer.alloc(8);
    size.writeUInt32BE(payload.length, 4);
    const start = taggedHash('veilmark/journal/1', []);
    const check = taggedHash('veilmark/journal-head/1', [start, 'B', size]).subarray(0, 8);
    const digest = taggedHash('veilmark/journal-record/1', [start, 'B', payload]);
    const line = Buffer.from('veilmark/journal/1\n');
    const expected = Buffer.concat([line, Buffer.from('B'), size, check, payload, digest]);
    expect(equalBytes(encodeJournalBegin(begin).bytes, new Uint8Array(expected))).to.equal(true);
  });

  it('are refused when they are something else, and read at once', async () => {
    for (const junk of [
      new Uint8Array(),
      Buffer.from('veilmark/journal/2\n'),
      Buffer.alloc(99, 7),
    ]) {
      await coded('journal.damaged', () => decodeJournal(new Uint8Array(junk)));
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (rest) => {
        const file = concatBytes(new Uint8Array(Buffer.from('veilmark/journal/1\n')), rest);
        await coded('journal.damaged', () => decodeJournal(file));
      }),
    );
  });
});
