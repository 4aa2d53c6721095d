import { canonical } from '../bytes.js';
import { encodeMessage, firstHead, judgeHello, play, transcript, type Twist } from '../session.js';
import { bytesInVector, toHex } from './case.js';
import { sessionChanges } from './session-changes.js';
import { damagedTranscripts, malformedMessages } from './transcript-changes.js';
import { aborted, earlier, honest, judgeSeed, otherClaim } from './stories.js';

interface Ending {
  readonly verdict: string;
  readonly cause: string;
  readonly fault: string;
}

const bad: Twist = { at: 3, payload: () => ({ hidden: [], openings: [] }), last: true };

function endings(): Record<string, readonly [Uint8Array, Ending]> {
  const { file } = honest.commitment;
  const { messages } = play(honest);
  const lost = play({ ...honest, hits: 1 });
  const cut = (count: number) => transcript(file, messages.slice(0, count));
  const say = (verdict: string, cause = '', fault = 'nobody'): Ending => ({
    verdict,
    cause,
    fault,
  });
  const incomplete = say('inconclusive', 'session.incomplete');
  const stopped = say('inconclusive', 'test.abort');
  const strangeHello = encodeMessage(
    firstHead,
    {
      seq: 0,
      from: 'judge',
      type: 'hello',
      payload: canonical(judgeHello({ ...honest, commitment: otherClaim })),
    },
    judgeSeed,
  );
  const badOpenings = play(honest, bad).messages[3]!;
  const forged = play(honest, { ...bad, signer: judgeSeed }).messages[3]!;
  return {
    'all messages, all matches': [cut(6), say('proved')],
    'all messages, one match of two': [transcript(file, lost.messages), say('not-proved')],
    'one batch spent before': [
      transcript(file, play({ ...honest, spent: [earlier(1)] }).messages),
      say('proved'),
    ],
    'null models that match nothing': [
      transcript(file, play({ ...honest, nulls: [0, 1] }).messages),
      say('proved'),
    ],
    'a null model that matches as often as the suspect': [
      transcript(file, play({ ...honest, nulls: [2] }).messages),
      say('inconclusive', 'nulls.match'),
    ],
    'two null models, one of which matches: not rare enough': [
      transcript(file, play({ ...honest, nulls: [2, 0] }).messages),
      say('proved'),
    ],
    'one match of the suspect, two of a null model': [
      transcript(file, play({ ...honest, hits: 1, nulls: [2] }).messages),
      say('not-proved'),
    ],
    'no countersignature': [cut(5), say('proved')],
    'cut off after the openings': [cut(4), incomplete],
    'cut off after the challenge': [cut(3), incomplete],
    'cut off after the hellos': [cut(2), incomplete],
    'cut off after the first hello': [cut(1), incomplete],
    'no message': [cut(0), incomplete],
    'the owner stops before the challenge': [
      aborted({ after: 2, by: 'owner', fault: 'nobody' }),
      stopped,
    ],
    'the owner stops after the challenge': [
      aborted({ after: 3, by: 'owner', fault: 'judge' }),
      say('not-proved', 'test.abort'),
    ],
    'the owner is silent after the challenge, says the judge': [
      aborted({ after: 3, by: 'judge', fault: 'owner' }),
      say('not-proved', 'test.abort'),
    ],
    'the judge stops after the challenge': [
      aborted({ after: 3, by: 'judge', fault: 'nobody' }),
      stopped,
    ],
    'the judge stops after the openings': [
      aborted({ after: 4, by: 'judge', fault: 'owner' }),
      stopped,
    ],
    'the owner stops after the verdict': [
      aborted({ after: 5, by: 'owner', fault: 'judge' }),
      say('proved'),
    ],
    'bad openings refused': [
      aborted({ after: 3, by: 'judge', fault: 'owner', refused: badOpenings }),
      say('invalid', 'openings.indices', 'owner'),
    ],
    'good openings refused': [
      aborted({ after: 3, by: 'judge', fault: 'owner', refused: messages[3]! }),
      stopped,
    ],
    'a verdict refused that follows': [
      aborted({ after: 4, by: 'owner', fault: 'judge', refused: messages[4]! }),
      say('proved'),
    ],
    'openings refused that nobody signed': [
      aborted({ after: 3, by: 'judge', fault: 'owner', refused: forged }),
      say('not-proved', 'test.abort'),
    ],
    'bytes refused that are no message': [
      aborted({ after: 3, by: 'judge', fault: 'owner', refused: Buffer.from('?') }),
      say('not-proved', 'test.abort'),
    ],
    'nothing refused': [
      aborted({ after: 3, by: 'judge', fault: 'owner', refused: Buffer.alloc(0) }),
      say('not-proved', 'test.abort'),
    ],
    'a hello refused that is about another commitment': [
      aborted({ after: 0, by: 'owner', fault: 'judge', refused: strangeHello }),
      stopped,
    ],
  };
}

export function sessionVectors() {
  const { messages, heads } = play(honest);
  const { file, mark } = honest.commitment;
  return {
    about:
      'Messages of a session (session.md). invalid: the message that takes the place of number `at`, after the honest ones or after `before`, with the code of its error. malformed: bytes that are no message.',
    commitment: file.toString('utf8'),
    judgeSeed: toHex(judgeSeed),
    ownerSeed: toHex(mark.ownerSeed),
    firstHead: toHex(firstHead),
    honest: messages.map((bytes, i) => ({
      text: bytes.toString('utf8'),
      headAfter: toHex(heads[i + 1]!),
    })),
    invalid: sessionChanges().map(({ name, at, code, message, before }) => ({
      name,
      at,
      code,
      ...(before && { before: before.map((bytes) => Buffer.from(bytes).toString('utf8')) }),
      ...bytesInVector(message),
    })),
    malformed: malformedMessages(messages[2]!),
  };
}

export function transcriptVectors() {
  return {
    about:
      'Whole transcripts (session.md): valid ones with the outcome that follows from them, and files that are refused.',
    valid: Object.entries(endings()).map(([name, [file, outcome]]) => ({
      name,
      outcome,
      ...bytesInVector(file),
    })),
    ...damagedTranscripts(),
  };
}
