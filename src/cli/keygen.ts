import type { Argv } from 'yargs';

import { bytesToHex } from '../base/index.js';
import { generateKeyPair, systemRandom } from '../crypto/index.js';
import { mustBeWritable, mustNotExist } from '../files/index.js';
import { newPassphraseOptions, passphraseToSeal } from './passphrase.js';
import { writeKey } from './secret-files.js';
import { note, print } from './terminal.js';

export function addKeygen(program: Argv): Argv {
  return program.command(
    'keygen <file>',
    'Make an Ed25519 key pair for an owner or a judge',
    (yargs) =>
      yargs
        .positional('file', { type: 'string', demandOption: true, describe: 'New key file' })
        .options(newPassphraseOptions)
        .epilogue('Example:\n  $0 keygen owner.key'),
    async (args) => {
      await mustNotExist(args.file);
      await mustBeWritable(args.file);
      const passphrase = await passphraseToSeal(args, args.file);
      const key = generateKeyPair(systemRandom);
      await writeKey(args.file, key, passphrase);
      note(`wrote ${args.file}: keep it secret and keep a copy; the public key is`);
      print(bytesToHex(key.publicKey));
    },
  );
}
