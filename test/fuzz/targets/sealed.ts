import { seal, sealedHeader, unseal } from '../../../src/crypto/index.js';
import { seeded } from '../../support/claim.js';
import { type FuzzTarget, text } from '../target.js';

const passphrase = 'a passphrase';

/** A sealed file, opened with the passphrase where it is encrypted. */
export const sealed: FuzzTarget = {
  name: 'sealed',
  seeds: () => {
    const bytes = text.encode('what is inside');
    const random = seeded('fuzz sealed');
    return [
      seal({ content: 'mark', bytes, passphrase: undefined, random }),
      seal({ content: 'mark', bytes, passphrase, random, logN: 10 }),
      seal({ content: 'key', bytes: new Uint8Array(), passphrase, random, logN: 11 }),
    ];
  },
  run: (input) => {
    const { cipher } = sealedHeader(input);
    const bytes = unseal({ file: input, content: 'mark', passphrase });
    return `${cipher} ${bytes.length > 0}`;
  },
};
