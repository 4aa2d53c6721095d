import { type Commitment, openCommitment } from '../../src/commitment/index.js';
import {
  advance,
  defaultPolicy,
  type Message,
  isLive,
  newSession,
  type Session,
  type SessionContext,
} from '../../src/protocol/index.js';
import { type VerificationReport, verifyTranscript } from '../../src/verifier/index.js';
import { smallClaims } from './small-claims.js';

let opened: Commitment | undefined;

/** The commitment that the session vectors are about, opened once. */
export function vectorCommitment(): Commitment {
  opened ??= openCommitment(smallClaims()[0]!.file);
  return opened;
}

/** Takes the steps of some messages; throws what the first refused one throws. */
export function replay(messages: readonly Message[], context: SessionContext): Session {
  let session: Session = newSession;
  for (const message of messages) {
    if (!isLive(session)) throw new Error('after the end');
    session = advance(session, message, context);
  }
  return session;
}

/** The offline verifier on a transcript about that commitment, for a reader content with the session's own policy. */
export function verifyVector(file: Uint8Array): VerificationReport {
  const bits = { alphaBits: 1, grindingBits: 0, suspectBits: 0 };
  const policy = {
    ...defaultPolicy,
    ...bits,
    decoysPerTrigger: 0,
    repeats: 0,
    minimumDecoyAccuracyPpm: 0,
  };
  return verifyTranscript(file, { opened: vectorCommitment(), policy });
}
