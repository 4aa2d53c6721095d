import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Options } from 'yargs';

import { bytesToHex, InputError } from '../base/index.js';
import type { Commitment } from '../commitment/index.js';
import { mustBeWritable } from '../files/index.js';
import { FileCounter, type FileLedger, type FileWhiteBoxLedger } from '../prover/index.js';
import { inFile } from './naming.js';
import { note } from './terminal.js';

/** Options of the counter that is kept apart from the claim. */
export const counterOptions = {
  counter: {
    type: 'string',
    describe: 'File that counts what was answered, apart from the claim [in the user’s state]',
  },
  'new-counter': {
    type: 'boolean',
    default: false,
    describe: 'Begin the file of --counter: the ledger beside the mark is the newest',
  },
  'rebuild-ledger': {
    type: 'boolean',
    default: false,
    describe: 'Take from the counter what a ledger restored from an older copy lacks',
  },
} as const satisfies Record<string, Options>;

interface CounterArguments {
  readonly counter?: string | undefined;
  readonly newCounter: boolean;
}

/**
 * Where the counter of a claim lies: not beside the mark, with which it would be restored; unless named, in the user's state folder
 * (XDG Base Directory Specification). Throws `InputError` `usage.counter`.
 */
export function counterPath(
  { counter }: Pick<CounterArguments, 'counter'>,
  { mark, commitment }: { mark: string; commitment: Commitment },
): string {
  if (counter === undefined) {
    const { XDG_STATE_HOME: chosen = '' } = process.env;
    const state = isAbsolute(chosen) ? chosen : join(homedir(), '.local', 'state');
    return join(state, 'veilmark', 'counters', `${bytesToHex(commitment.digest)}.counter`);
  }
  const way = relative(dirname(resolve(mark)), resolve(counter));
  if (way.startsWith('..') || isAbsolute(way)) return counter;
  throw new InputError({
    code: 'usage.counter',
    message: `--counter ${counter} lies in the claim’s own folder: a backup of it would bring back both`,
    hint: 'name a file elsewhere, best on another disk',
  });
}

/** The counter of a claim, begun where there is none. Throws `InputError` `counter.missing` for a named file that is not there. */
export async function openCounter(
  args: CounterArguments,
  claim: { mark: string; commitment: Commitment },
): Promise<{ counter: FileCounter; isNew: boolean }> {
  const path = counterPath(args, claim);
  const counter = new FileCounter(path, claim.commitment.digest);
  await mustBeWritable(path);
  const isNew = (await counter.read()) === undefined;
  if (isNew && args.counter !== undefined && !args.newCounter) {
    throw new InputError({
      code: 'counter.missing',
      message: `there is no counter at ${path}`,
      hint: 'name the one that was used before; if there was none, add --new-counter',
    });
  }
  return { counter, isNew };
}

/** Brings ledgers and counter together. Throws `InputError` `ledger.restored` for ledgers behind it, unless they are to be rebuilt. */
export async function settleCounter(
  { counter, isNew }: { counter: FileCounter; isNew: boolean },
  {
    path,
    ledger,
    whiteBoxLedger,
  }: { path: string; ledger: FileLedger; whiteBoxLedger: FileWhiteBoxLedger },
  { rebuildLedger }: { rebuildLedger: boolean },
): Promise<void> {
  if (rebuildLedger) {
    const [batches, sessions] = [
      await inFile(path, () => ledger.rebuild()),
      await whiteBoxLedger.rebuild(),
    ];
    note(`took ${batches} spent batches and ${sessions} white box sessions from the counter`);
  }
  await inFile(path, () => ledger.spent());
  await counter.begin();
  await ledger.count();
  await whiteBoxLedger.countSessions();
  if (!isNew) return;
  const spent = (await ledger.spent()).length;
  note(`what is answered is counted in ${counter.path} from now on`);
  if (spent > 0 || (await whiteBoxLedger.count()) > 0) {
    note(
      `it was not there, and begins with the ledger as it is (${spent} batches spent): be sure that the ledger is the newest copy`,
    );
  }
}
