import { dirname, join } from 'node:path';
import type { Options } from 'yargs';

import { InputError } from '../base/index.js';
import {
  type Commitment,
  encodeMark,
  type Mark,
  markContent,
  maxCommitmentBytes,
  openCommitment,
} from '../commitment/index.js';
import { seal, systemRandom } from '../crypto/index.js';
import {
  readFileLimited,
  writeFileAtomic,
  writeFolderAtomic,
  writeSecret,
} from '../files/index.js';
import { encodeLedger } from '../prover/index.js';
import { inFile } from './naming.js';

/** The three files that `commit` writes: one to publish, one secret, and the memory of what was opened. */
export const claimFiles = {
  commitment: 'commitment.veilmark',
  mark: 'mark.veilmark',
  ledger: 'ledger.veilmark',
} as const;

const claimGroup = { type: 'string', group: 'The claim:' } as const;

/** Options of the owner's commands that work on a claim. */
export const claimOptions = {
  claim: { ...claimGroup, describe: 'Folder that `commit` wrote' },
  commitment: { ...claimGroup, describe: 'Commitment file, if not the one in --claim' },
  mark: { ...claimGroup, describe: 'Mark file, if not the one in --claim' },
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

/** Where the memory of white box sessions lies: beside the mark. */
export function whiteBoxFolder({ mark }: { mark: string }): string {
  return join(dirname(mark), 'white-box');
}

/** Reads and checks a commitment file, which takes half a second for its slow label seed. */
export async function readCommitment(path: string): Promise<Commitment> {
  const file = await readFileLimited(path, { limit: maxCommitmentBytes, what: 'commitment file' });
  return inFile(path, () => openCommitment(file));
}

/** Writes a whole claim as a new folder, or nothing. Throws `InputError` `file.exists`, `EnvironmentError` `file.write`. */
export async function writeClaim(
  folder: string,
  { commitment, mark }: { commitment: Commitment; mark: Mark },
  passphrase: string | undefined,
): Promise<void> {
  const bytes = encodeMark(mark);
  const sealed = seal({ content: markContent, bytes, passphrase, random: systemRandom });
  await writeFolderAtomic(
    folder,
    async (temporary) => {
      await writeSecret(join(temporary, claimFiles.mark), sealed);
      await writeSecret(join(temporary, claimFiles.ledger), encodeLedger(commitment.digest, []));
      await writeFileAtomic(join(temporary, claimFiles.commitment), commitment.bytes);
    },
    { mode: 0o700 },
  );
}
