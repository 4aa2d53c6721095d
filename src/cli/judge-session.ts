import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import { InputError } from '../base/index.js';
import type { Commitment } from '../commitment/index.js';
import { systemRandom } from '../crypto/index.js';
import { mustBeWritable, mustNotExist } from '../files/index.js';
import { type FileJournal, openJournal } from '../journal/index.js';
import { type Channel, maxMessage, type WhiteBoxSizes } from '../protocol/index.js';
import { FolderChannel, ResumingChannel } from '../transport/index.js';
import { parseProver } from './judge-inputs.js';
import type { Dial } from './line.js';
import { note } from './terminal.js';

/** How the judge's messages travel, from its options. */
export interface JudgeChannelArguments {
  readonly prover?: string | undefined;
  readonly messages?: string | undefined;
  readonly expired?: boolean | undefined;
}

/** Checks those options. Throws `InputError` `usage.prover`. */
export function checkJudgeChannel({ prover, messages, expired }: JudgeChannelArguments): void {
  if (prover !== undefined) parseProver(prover);
  if ((prover === undefined) === (messages === undefined) || (expired && !messages)) {
    throw new InputError({
      code: 'usage.prover',
      message: expired
        ? '--expired is for messages that are files'
        : 'it is not said how the messages travel',
      hint: 'give --prover wss://HOST:PORT, or --messages DIR for messages that are files',
    });
  }
}

/** Whom the judge speaks to; without `dial` by files. */
export interface JudgeLine {
  readonly dial: Dial | undefined;
  readonly commitment: Commitment;
}

/** The way to the prover. Throws `EnvironmentError` `peer.unreachable`. */
export async function openJudgeChannel(
  { messages, expired = false }: JudgeChannelArguments,
  { dial, commitment, sizes }: JudgeLine & { sizes?: WhiteBoxSizes },
): Promise<Channel> {
  const limit = maxMessage(commitment.parameters, 'owner', sizes);
  if (messages !== undefined || dial === undefined) {
    return new FolderChannel(messages ?? '', {
      party: 'judge',
      maxMessage: limit,
      isExpired: expired,
      onWritten: (path) => {
        note(`wrote ${path}: give it to the owner`);
      },
    });
  }
  const connect = (): Promise<Channel> => dial(limit);
  return new ResumingChannel(connect, {
    first: await connect(),
    onLost: () => {
      note('the prover is gone; connecting again to go on with the session');
    },
  });
}

/**
 * Checks early that a transcript can be written. Of a session that was stopped between its transcript and the end of its journal the
 * journal is removed. Throws `InputError` `file.exists`, `EnvironmentError` `file.write`.
 */
export async function checkTranscriptPlace(transcript: string): Promise<void> {
  if (existsSync(transcript)) await rm(journalBeside(transcript), { force: true });
  await mustNotExist(transcript);
  await mustBeWritable(transcript);
}

function journalBeside(transcript: string): string {
  return `${transcript}.journal`;
}

/**
 * The journal of the session whose transcript is to be written, `TRANSCRIPT.journal`: a session that was stopped goes on from it.
 * Throws as `openJournal` does, `InputError` `file.exists`.
 */
export async function openJudgeJournal(
  transcript: string,
  { digest: commitment }: Commitment,
): Promise<FileJournal> {
  const path = journalBeside(transcript);
  const journal = await openJournal(path, { role: 'judge', commitment, random: systemRandom });
  try {
    // Another process may have had the journal meanwhile and ended the session: a second one would cost another batch.
    if (journal.records.length === 0) await mustNotExist(transcript);
  } catch (error) {
    await journal.close();
    throw error;
  }
  if (journal.records.length > 0) note(`going on with the session of ${path}`);
  return journal;
}
