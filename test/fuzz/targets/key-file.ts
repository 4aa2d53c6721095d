import { writeFileSync } from 'node:fs';

import { bytesToHex, canonicalBytes } from '../../../src/base/index.js';
import { readKey } from '../../../src/cli/secret-files.js';
import { generateKeyPair, seal } from '../../../src/crypto/index.js';
import { seeded } from '../../support/claim.js';
import { type FuzzTarget, mustEncodeAs } from '../target.js';
import { temporaryPath } from '../temporary.js';

const random = seeded('fuzz key');

/** The content of a key file without a passphrase. */
export const keyFile: FuzzTarget = {
  name: 'key-file',
  seeds: () => [encoded(generateKeyPair(random))],
  run: async (input) => {
    const path = temporaryPath('key');
    writeFileSync(path, seal({ content: 'key', bytes: input, passphrase: undefined, random }));
    mustEncodeAs(input, encoded(await readKey(path, {})));
    return 'a key';
  },
};

function encoded({ publicKey, secretKey }: ReturnType<typeof generateKeyPair>): Uint8Array {
  return canonicalBytes({ publicKey: bytesToHex(publicKey), secretKey: bytesToHex(secretKey) });
}
