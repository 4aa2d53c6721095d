import { concatBytes, equalBytes, utf8ToBytes } from '../../../src/base/index.js';
import {
  decodeJournal,
  encodeJournalBegin,
  encodeJournalRecord,
  isJournal,
  type JournalRecord,
  newJournalBegin,
} from '../../../src/protocol/index.js';
import type { FuzzTarget } from '../target.js';

const begin = newJournalBegin({
  role: 'owner',
  commitment: new Uint8Array(32).fill(1),
  secret: new Uint8Array(32).fill(2),
});
const records: readonly JournalRecord[] = [
  { kind: 'own', message: utf8ToBytes('a message') },
  { kind: 'peer', message: utf8ToBytes('an answer') },
  { kind: 'abort', message: utf8ToBytes('the end'), refused: utf8ToBytes('what was refused') },
];

function written(kept: readonly JournalRecord[]): Uint8Array {
  const start = encodeJournalBegin(begin);
  let { bytes, end } = start;
  for (const record of kept) {
    const next = encodeJournalRecord(end, record);
    bytes = concatBytes(bytes, next.bytes);
    ({ end } = next);
  }
  return bytes;
}

/** A session's journal; what is none becomes the message of a record, and then a torn one. */
export const journal: FuzzTarget = {
  name: 'journal',
  seeds: () => [
    written([]),
    written(records),
    written(records).slice(0, -9),
    concatBytes(written(records), new Uint8Array(40)),
    utf8ToBytes('a message'),
  ],
  run: (input) => {
    const file = isJournal(input) ? input : written([{ kind: 'peer', message: input }]);
    const read = decodeJournal(file);
    const again = written(read.records);
    const isOurs = read.begin.role === begin.role && read.begin.secret === begin.secret;
    if (isOurs && !equalBytes(again, file.subarray(0, read.end.length))) {
      throw new Error('accepted, but it encodes otherwise');
    }
    return `${Math.min(3, read.records.length)} ${read.end.length < file.length}`;
  },
};
