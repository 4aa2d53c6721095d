import { EnvironmentError } from '../base/index.js';
import {
  decodeTranscript,
  encodeMessage,
  type Journal,
  type JournalRecord,
  type Party,
} from '../protocol/index.js';

/**
 * The transcript of a session that is over as a journal: a party that goes through it says again what it said, and nothing else, to
 * a peer that was stopped before it heard the end. Throws as `decodeTranscript` does.
 */
export function archivedJournal(transcript: Uint8Array, party: Party): Journal {
  const { messages, refused } = decodeTranscript(transcript);
  const records = messages.map((message): JournalRecord => {
    const bytes = encodeMessage(message);
    if (message.from !== party) return { kind: 'peer', message: bytes };
    if (message.type !== 'abort') return { kind: 'own', message: bytes };
    return { kind: 'abort', message: bytes, ...(refused && { refused }) };
  });
  return {
    secret: new Uint8Array(32),
    records,
    append: () =>
      Promise.reject(
        new EnvironmentError({ code: 'journal.ended', message: 'the session is over' }),
      ),
  };
}
