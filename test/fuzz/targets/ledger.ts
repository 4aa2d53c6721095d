import { bytesToHex, concatBytes, hexBytes, utf8ToBytes } from '../../../src/base/index.js';
import { taggedHash } from '../../../src/crypto/index.js';
import { decodeLedger, encodeLedger, isLedger } from '../../../src/prover/index.js';
import { spending } from '../../prover/spending.js';
import { type FuzzTarget, mustEncodeAs } from '../target.js';

/** The ledger of spent batches; a bare second line gets its digest first. */
export const ledger: FuzzTarget = {
  name: 'ledger',
  seeds: () => {
    const empty = encodeLedger(new Uint8Array(32), []);
    const full = encodeLedger(new Uint8Array(32).fill(1), [spending(1, 3), spending(2, 4)]);
    return [empty, full, full.slice('veilmark/ledger/1\n'.length, -66)];
  },
  run: (input) => {
    const file = isLedger(input) ? input : withDigest(input);
    const { commitment, spendings } = decodeLedger(file);
    mustEncodeAs(file, encodeLedger(hexBytes(commitment, 32), spendings));
    return `${Math.min(2, spendings.length)}`;
  },
};

function withDigest(body: Uint8Array): Uint8Array {
  const digest = bytesToHex(taggedHash('veilmark/ledger-digest/1', [body]));
  return concatBytes(utf8ToBytes('veilmark/ledger/1\n'), body, utf8ToBytes(`\n${digest}\n`));
}
