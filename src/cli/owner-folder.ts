import type { Commitment } from '../commitment/index.js';
import { maxMessage } from '../protocol/index.js';
import { FolderChannel } from '../transport/index.js';
import { isWaiting } from './waiting.js';
import type { OwnerDesk } from './owner-desk.js';
import { showStages, tell } from './owner-stages.js';
import { exitCodes, note } from './terminal.js';

/** Goes as far with a session of files as the judge's messages reach, and says what is awaited. Throws as `OwnerDesk.serve` does. */
export async function serveFolder(
  desk: OwnerDesk,
  { folder, commitment, expired }: { folder: string; commitment: Commitment; expired: boolean },
): Promise<void> {
  const channel = new FolderChannel(folder, {
    party: 'owner',
    maxMessage: maxMessage(commitment.parameters, 'judge'),
    isExpired: expired,
    onWritten: (path) => {
      note(`wrote ${path}: give it to the judge`);
    },
  });
  try {
    const result = await desk.serve(channel, { onStage: showStages('session') });
    if (result.kind === 'waiting') throw result.error;
    tell('session', result);
  } catch (error) {
    if (!isWaiting(error)) throw error;
    note(error.message);
    process.exitCode = exitCodes.waiting;
  }
}
