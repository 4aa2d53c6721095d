import type { Argv } from 'yargs';

import { bytesToHex } from '../base/index.js';
import { generateKeyPair, sealedHeader, systemRandom } from '../crypto/index.js';
import { mustBeWritable, mustNotExist, readFileLimited } from '../files/index.js';
import { wholeNumber } from './arguments.js';
import { newPassphraseOptions, passphraseToOpen, passphraseToSeal } from './passphrase.js';
import { readKey, writeKey } from './secret-files.js';
import { note, print } from './terminal.js';
import { tlsFile, writeTlsFile } from './tls-file.js';

export function addKeygen(program: Argv): Argv {
  return program.command(
    'keygen <file>',
    'Make an Ed25519 key pair for an owner or a judge, and what it needs for TLS',
    (yargs) =>
      yargs
        .positional('file', { type: 'string', demandOption: true, describe: 'New key file' })
        .options({
          ...newPassphraseOptions,
          'tls-only': {
            type: 'boolean',
            default: false,
            describe: 'Renew FILE.tls, the TLS key and certificate of a key that is there already',
          },
          'tls-days': {
            type: 'number',
            requiresArg: true,
            default: 365,
            describe: 'Days for which the certificate is valid',
          },
        })
        .epilogue('Examples:\n  $0 keygen owner.key\n  $0 keygen owner.key --tls-only'),
    async (args) => {
      const days = wholeNumber('tls-days', args.tlsDays, { least: 1, most: 3650 });
      if (args.tlsOnly) {
        await renew(args, days);
        return;
      }
      await mustNotExist(args.file);
      await mustNotExist(tlsFile(args.file));
      await mustBeWritable(args.file);
      const passphrase = await passphraseToSeal(args, args.file);
      const key = generateKeyPair(systemRandom);
      await writeKey(args.file, key, passphrase);
      await writeTlsFile(args.file, { identity: key, passphrase, days });
      note(`wrote ${args.file}: keep it secret and keep a copy; ${tlsFile(args.file)} is for TLS,`);
      note('valid for a year unless you said otherwise, and can be made anew; the public key is');
      print(bytesToHex(key.publicKey));
    },
  );
}

async function renew(
  args: { file: string; plain: boolean; passphraseFile?: string | undefined },
  days: number,
): Promise<void> {
  const identity = await readKey(args.file, args);
  const file = await readFileLimited(args.file, { limit: 2 ** 20, what: 'key file' });
  const isPlain = args.plain || sealedHeader(file).cipher === 'none';
  const passphrase = isPlain ? undefined : await passphraseToOpen(args, args.file);
  await writeTlsFile(args.file, { identity, passphrase, days, replace: true });
  note(`wrote ${tlsFile(args.file)}; the public key is as before`);
  print(bytesToHex(identity.publicKey));
}
