import { canonicalBytes, checkSchema, parseCanonical } from '../base/index.js';
import { readFileLimited, writeFileAtomic } from '../files/index.js';
import { checkConsistent } from './record-checks.js';
import { AttackRecord } from './record-schema.js';

export * from './record-schema.js';
export { verdictOf } from './record-checks.js';

/** Name of a record's file in its attack's folder. */
export const recordFile = 'record.json';
/** Largest record that is read, in bytes. */
const recordLimit = 2 ** 26;
const format = { schema: AttackRecord, what: 'attack record', code: 'attack.record' } as const;

/** Canonical JSON of a record. Throws `InputError` `attack.record` for one that contradicts itself. */
export function encodeRecord(record: AttackRecord): Uint8Array {
  return canonicalBytes(checkConsistent(checkSchema({ ...format, value: record })));
}

/**
 * Reads a record. Throws `InputError` `attack.record`, with every bad field, for anything that `encodeRecord` did not
 * write.
 */
export function parseRecord(bytes: Uint8Array): AttackRecord {
  return checkConsistent(parseCanonical({ ...format, bytes }));
}

/** Writes a record whole or not at all. Throws as `encodeRecord` does, and `EnvironmentError` `file.write`. */
export async function writeRecord(path: string, record: AttackRecord): Promise<void> {
  await writeFileAtomic(path, encodeRecord(record));
}

/** Reads a record's file. Throws `InputError` `file.*` or `attack.record`. */
export async function readRecord(path: string): Promise<AttackRecord> {
  return parseRecord(await readFileLimited(path, { limit: recordLimit, what: 'attack record' }));
}

/** The shortest decimal text that reads back the same; empty for what is no finite number. */
export function decimalText(value: number): string {
  return Number.isFinite(value) ? String(value) : '';
}
