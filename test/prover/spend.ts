/** A process of its own that spends a batch: `tsx spend.ts LEDGER COMMITMENT BATCH SESSION`; prints how it went. */
import { VeilmarkError } from '../../src/base/index.js';
import { FileLedger } from '../../src/prover/index.js';
import { fromHex } from '../support/vectors.js';
import { spending } from './spending.js';

const [path = '', commitment = '', batch = '', session = ''] = process.argv.slice(2);
try {
  await new FileLedger(path, fromHex(commitment)).spend(spending(Number(batch), Number(session)));
  process.stdout.write('spent');
} catch (error) {
  process.stdout.write(error instanceof VeilmarkError ? error.code : String(error));
}
