import type { Options } from 'yargs';

import { InputError } from '../base/index.js';
import { readFileLimited } from '../files/index.js';

/** Options of commands that read or write secret files. */
export const passphraseOptions = {
  'passphrase-file': {
    type: 'string',
    describe: 'File whose first line opens secret files (else $VEILMARK_PASSPHRASE, else a prompt)',
  },
} as const satisfies Record<string, Options>;

/** Options of commands that write new secret files. */
export const newPassphraseOptions = {
  ...passphraseOptions,
  plain: {
    type: 'boolean',
    default: false,
    describe: 'Write secret files unencrypted (still readable by you alone)',
  },
} as const satisfies Record<string, Options>;

export interface PassphraseArguments {
  readonly passphraseFile?: string | undefined;
  readonly plain?: boolean | undefined;
}

let remembered: string | undefined;

/** The passphrase for opening a secret file. Throws `InputError` `passphrase.missing`. */
export async function passphraseToOpen(args: PassphraseArguments, what: string): Promise<string> {
  return (await givenPassphrase(args)) ?? (remembered ??= await ask(`Passphrase of ${what}: `));
}

/** The passphrase for a new secret file, or nothing with `--plain`. Throws `InputError` `passphrase.*`. */
export async function passphraseToSeal(
  args: PassphraseArguments,
  what: string,
): Promise<string | undefined> {
  if (args.plain === true) return undefined;
  const given = await givenPassphrase(args);
  if (given !== undefined) return given;
  const chosen = await ask(`New passphrase for ${what}: `);
  if (chosen !== (await ask('Once more: '))) {
    throw new InputError({
      code: 'passphrase.mismatch',
      message: 'the two passphrases differ',
      hint: 'run the command again',
    });
  }
  return chosen;
}

async function givenPassphrase({
  passphraseFile,
}: PassphraseArguments): Promise<string | undefined> {
  if (passphraseFile === undefined) return checked(process.env['VEILMARK_PASSPHRASE']);
  const bytes = await readFileLimited(passphraseFile, { limit: 4096, what: 'passphrase file' });
  return checked(new TextDecoder().decode(bytes).split(/\r?\n/)[0]);
}

async function ask(prompt: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new InputError({
      code: 'passphrase.missing',
      message: 'a passphrase is needed and there is no terminal to ask for it',
      hint: 'give --passphrase-file FILE, set VEILMARK_PASSPHRASE, or write new files with --plain',
    });
  }
  const { read } = await import('read');
  const answer: unknown = await read({
    prompt,
    silent: true,
    replace: '*',
    output: process.stderr,
  });
  return checked(typeof answer === 'string' ? answer : '') ?? '';
}

function checked(passphrase: string | undefined): string | undefined {
  if (passphrase === '') {
    throw new InputError({
      code: 'passphrase.empty',
      message: 'the passphrase is empty',
      hint: 'unset VEILMARK_PASSPHRASE to be asked, or write the passphrase into the file',
    });
  }
  return passphrase;
}
