import { expect } from 'chai';
import fc from 'fast-check';

import { concatBytes, equalBytes, utf8ToBytes, VeilmarkError } from '../../src/base/index.js';
import { openCommitment, parseCommitment } from '../../src/commitment/index.js';
import { coded } from '../coded.js';
import { smallClaims } from '../support/small-claims.js';

const { file, owner } = smallClaims()[0]!;

/** Reads damaged bytes: they must be refused, with a code, and before the slow label seed. */
function refusal(bytes: Uint8Array): string {
  try {
    parseCommitment(bytes);
  } catch (error) {
    expect(error).to.be.instanceOf(VeilmarkError);
    return (error as VeilmarkError).code;
  }
  return expect.fail('a damaged commitment file was accepted');
}

describe('a damaged commitment file', () => {
  it('is refused with any byte changed', () => {
    for (let at = 0; at < file.length; at++) {
      const code = refusal(file.map((byte, i) => (i === at ? byte ^ 1 : byte)));
      expect(code).to.match(/^(commitment\.(format|signature)|key\.public|encoding\.hex)$/);
    }
  });

  it('is refused with any byte set to anything', () => {
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        refusal(file.map((byte, i) => (i === at ? byte ^ flip : byte)));
      }),
      { numRuns: 300 },
    );
  });

  it('is refused when cut off anywhere, or when something follows', () => {
    for (let end = 0; end < file.length; end++) {
      expect(refusal(file.subarray(0, end))).to.match(/^(commitment\.format|encoding\.hex)$/);
    }
    expect(refusal(concatBytes(file, file))).to.equal('commitment.format');
    expect(refusal(concatBytes(file, utf8ToBytes('\n')))).to.equal('commitment.format');
  });

  it('is refused when bytes move, disappear or come twice', () => {
    fc.assert(
      fc.property(fc.nat(file.length), fc.nat(file.length), fc.nat(file.length), (a, b, c) => {
        const [i = 0, j = 0, k = 0] = [a, b, c].sort((x, y) => x - y);
        const parts = [
          file.subarray(0, i),
          file.subarray(j, k),
          file.subarray(i, j),
          file.subarray(k),
        ];
        const moved = concatBytes(...parts);
        const doubled = concatBytes(file.subarray(0, j), file.subarray(i));
        const cut = concatBytes(file.subarray(0, i), file.subarray(j));
        for (const bytes of [moved, doubled, cut]) {
          if (!equalBytes(bytes, file)) refusal(bytes);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is refused when it is anything else', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.json().map(utf8ToBytes));
    fc.assert(
      fc.property(bytes, (body) => {
        refusal(body);
        refusal(concatBytes(utf8ToBytes('veilmark/commitment/1\n'), body, file.subarray(-130)));
      }),
    );
  });
});

describe('an undamaged one', () => {
  it('opens, with the owner who signed it', async () => {
    const commitment = openCommitment(file);
    expect(commitment.owner).to.deep.equal(owner.publicKey);
    expect(commitment.bytes).to.equal(file);
    await coded('commitment.format', () => openCommitment(new Uint8Array()));
  });
});
