import { bytesToHex, concatBytes, utf8ToBytes } from '../../../src/base/index.js';
import { taggedHash } from '../../../src/crypto/index.js';
import {
  decodeWhiteBoxLedger,
  encodeWhiteBoxLedger,
  isWhiteBoxLedger,
} from '../../../src/prover/index.js';
import { type FuzzTarget, mustEncodeAs } from '../target.js';

const firstLine = 'veilmark/white-box-ledger/1\n';
const digit = (value: number, bytes = 32): string => bytesToHex(new Uint8Array(bytes).fill(value));

/** The memory of white box sessions; a bare second line gets its digest first. */
export const whiteBoxLedger: FuzzTarget = {
  name: 'white-box-ledger',
  seeds: () => {
    const spent = [{ batch: 1, judge: digit(1), receipt: digit(2, 64), session: digit(3) }];
    const hello = { coins: digit(4), nonce: digit(5), owner: digit(6), spent };
    const full = encodeWhiteBoxLedger({
      commitment: digit(7),
      hellos: [{ head: digit(8), hello }],
      sessions: [
        {
          batch: 0,
          challenge: digit(9),
          judge: digit(10),
          network: digit(11),
          point: '',
          session: digit(12),
        },
      ],
    });
    return [full, full.slice(firstLine.length, -66)];
  },
  run: (input) => {
    const file = isWhiteBoxLedger(input) ? input : withDigest(input);
    const memory = decodeWhiteBoxLedger(file);
    mustEncodeAs(file, encodeWhiteBoxLedger(memory));
    return `${memory.hellos.length > 0} ${memory.sessions.length > 0}`;
  },
};

function withDigest(body: Uint8Array): Uint8Array {
  const digest = bytesToHex(taggedHash('veilmark/white-box-ledger-digest/1', [body]));
  return concatBytes(utf8ToBytes(firstLine), body, utf8ToBytes(`\n${digest}\n`));
}
