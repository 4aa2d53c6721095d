import { bytesToHex, canonicalBytes, concatBytes, utf8ToBytes } from '../../../src/base/index.js';
import { taggedHash } from '../../../src/crypto/index.js';
import { decodeCounter, isCounter } from '../../../src/prover/index.js';
import { spending } from '../../prover/spending.js';
import { type FuzzTarget, mustEncodeAs } from '../target.js';

const commitment = '1'.repeat(64);

/** The counter of the ledgers; what is none is the body of one. */
export const counter: FuzzTarget = {
  name: 'counter',
  seeds: () => {
    const spendings = [spending(1, 3), spending(2, 4)].map((one) => ({ ...one }));
    const bodies = [
      { commitment, sessions: [], spendings: [] },
      { commitment, sessions: [], spendings },
    ].map((body) => canonicalBytes(body));
    return [...bodies, ...bodies.map(withDigest)];
  },
  run: (input) => {
    const file = isCounter(input) ? input : withDigest(input);
    const { spendings, sessions, commitment: about } = decodeCounter(file);
    const body = {
      commitment: about,
      sessions: sessions.map((one) => ({ ...one })),
      spendings: spendings.map((one) => ({ ...one })),
    };
    mustEncodeAs(file, withDigest(canonicalBytes(body)));
    return `${Math.min(2, spendings.length)} ${sessions.length > 0}`;
  },
};

function withDigest(body: Uint8Array): Uint8Array {
  const digest = bytesToHex(taggedHash('veilmark/counter-digest/1', [body]));
  return concatBytes(utf8ToBytes('veilmark/counter/1\n'), body, utf8ToBytes(`\n${digest}\n`));
}
