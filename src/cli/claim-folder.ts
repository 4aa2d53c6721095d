import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Options } from 'yargs';

import { EnvironmentError, InputError } from '../base/index.js';
import {
  type Commitment,
  encodeMark,
  type Mark,
  markContent,
  maxCommitmentBytes,
  openCommitment,
} from '../commitment/index.js';
import { seal, systemRandom } from '../crypto/index.js';
import { mustNotExist, readFileLimited, writeFileAtomic, writeSecret } from '../files/index.js';
import { encodeLedger } from '../prover/index.js';

/** The three files that `commit` writes: one to publish, one secret, and the memory of what was opened. */
export const claimFiles = {
  commitment: 'commitment.veilmark',
  mark: 'mark.veilmark',
  ledger: 'ledger.veilmark',
} as const;

/** Options of the owner's commands that work on a claim. */
export const claimOptions = {
  claim: { type: 'string', describe: 'Folder that `commit` wrote' },
  commitment: { type: 'string', describe: 'Commitment file, if not the one in --claim' },
  mark: { type: 'string', describe: 'Mark file, if not the one in --claim' },
} as const satisfies Record<string, Options>;

/** Where the files of a claim lie; the ledger is beside the mark. Throws `InputError` `usage.claim`. */
export function claimPaths(args: {
  claim?: string | undefined;
  commitment?: string | undefined;
  mark?: string | undefined;
}): { commitment: string; mark: string; ledger: string } {
  const at = (name: keyof typeof claimFiles): string | undefined =>
    args.claim === undefined ? undefined : join(args.claim, claimFiles[name]);
  const commitment = args.commitment ?? at('commitment');
  const mark = args.mark ?? at('mark');
  if (commitment === undefined || mark === undefined) {
    throw new InputError({
      code: 'usage.claim',
      message: 'the claim is not named',
      hint: 'give --claim DIR, or both --commitment FILE and --mark FILE',
    });
  }
  return { commitment, mark, ledger: join(dirname(mark), claimFiles.ledger) };
}

/** Reads and checks a commitment file, which takes half a second for its slow label seed. */
export async function readCommitment(path: string): Promise<Commitment> {
  return openCommitment(
    await readFileLimited(path, { limit: maxCommitmentBytes, what: 'commitment file' }),
  );
}

/** Writes a whole claim as a new folder, or nothing. Throws `InputError` `file.exists`, `EnvironmentError` `file.write`. */
export async function writeClaim(
  folder: string,
  { commitment, mark }: { commitment: Commitment; mark: Mark },
  passphrase: string | undefined,
): Promise<void> {
  await mustNotExist(folder);
  const target = resolve(folder);
  const temporary = join(
    dirname(target),
    `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    const bytes = encodeMark(mark);
    const sealed = seal({ content: markContent, bytes, passphrase, random: systemRandom });
    await writeSecret(join(temporary, claimFiles.mark), sealed);
    await writeSecret(join(temporary, claimFiles.ledger), encodeLedger(commitment.digest, []));
    await writeFileAtomic(join(temporary, claimFiles.commitment), commitment.bytes);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof InputError || error instanceof EnvironmentError) throw error;
    throw new EnvironmentError({
      code: 'file.write',
      message: `cannot write ${folder}: ${(error as Error).message}; nothing was left there`,
      cause: error,
    });
  }
}
