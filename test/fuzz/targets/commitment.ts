import { concatBytes, utf8ToBytes, bytesToHex } from '../../../src/base/index.js';
import { encodeCommitment, parseCommitment } from '../../../src/commitment/index.js';
import { signTagged } from '../../../src/crypto/index.js';
import { smallClaims } from '../../support/small-claims.js';
import { type FuzzTarget, mustEncodeAs } from '../target.js';

const claims = smallClaims();
const firstLine = utf8ToBytes('veilmark/commitment/1\n');

/** A commitment file; a bare second line is signed by the owner first, so that changes get past the signature. */
export const commitment: FuzzTarget = {
  name: 'commitment',
  seeds: () => claims.flatMap(({ file }) => [file, file.slice(firstLine.length, -130)]),
  run: (input) => {
    const { secretKey } = claims[0]!.owner;
    const isBody = input[0] === 0x7b;
    const file = isBody ? signed(input, secretKey) : input;
    const claim = parseCommitment(file);
    if (isBody) mustEncodeAs(file, encodeCommitment(claim, secretKey));
    return `${claim.parameters.labelMode} ${claim.parameters.natural} ${claim.audit.length > 0}`;
  },
};

function signed(body: Uint8Array, secretKey: Uint8Array): Uint8Array {
  const signature = signTagged('veilmark/commitment-signature/1', [body], secretKey);
  return concatBytes(firstLine, body, utf8ToBytes(`\n${bytesToHex(signature)}\n`));
}
