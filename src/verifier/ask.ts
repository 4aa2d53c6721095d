import { bytesToHex, canonicalJson, type Image, InputError } from '../base/index.js';
import type { RandomBytes } from '../crypto/index.js';
import {
  type Answer,
  imageDigest,
  memoryQueryLog,
  type Plan,
  type QueryLog,
  type Question,
  type Suspect,
} from '../protocol/index.js';
import { queryOrder } from './query-order.js';
import { type Tally, tally } from './tally.js';

/** An image that is no trigger, asked so that the suspect cannot tell which questions matter. */
export interface Decoy {
  readonly image: Image;
  readonly kind: 'ordinary' | 'abstract';
  /** The suspect's class that a right answer names, when the judge knows it. */
  readonly label?: number;
}

/** Images asked in one call of a suspect that does not say how many it takes at once. */
const defaultChunk = 50;

/** A suspect that refuses so many questions in a row, in two calls or more, is taken for dead and asked no more. */
const patience = 20;

export interface Questions {
  readonly suspect: Suspect;
  readonly triggers: readonly Image[];
  /** Images of the audited pairs, whose answers those to the triggers are compared with. */
  readonly audited: readonly Image[];
  readonly decoys: readonly Decoy[];
  /** How many decoys are asked twice. */
  readonly repeats: number;
  /** Id of the session. */
  readonly session: Uint8Array;
  /** Draws the seed of the order. */
  readonly random: RandomBytes;
  readonly now: () => Date;
  /** By default it is kept nowhere. */
  readonly log?: QueryLog | undefined;
  /** Called with the number of answers so far and the number of questions. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the suspect about triggers, audited pairs and decoys in one random order, some decoys twice, so that neither the order nor the calls
 * tell which questions matter. Every answer is in the log before the next question; with a log that holds answers already it
 * goes on after them. A suspect that is dead is not asked further: all that is left is refused with its last cause.
 *
 * Returns the counts for the verdict, and the digest of the log. Throws `InputError` `queries.other` for a log of other
 * questions.
 */
export async function askSuspect(questions: Questions): Promise<Tally & { queries: string }> {
  const { suspect, triggers, audited, decoys, now, log = memoryQueryLog() } = questions;
  const { onProgress, signal } = questions;
  const images = [...triggers, ...audited, ...decoys.map(({ image }) => image)];
  const plan = await ensurePlan(log, questions);
  const order = queryOrder(plan).flatMap(({ question }) => images[question] ?? []);
  const size = Math.max(1, suspect.batchSize ?? defaultChunk);
  if (log.state.identities.length === 0) await identify(questions, log);
  let silent = { calls: 0, questions: 0 };
  while (log.state.answers.length < order.length) {
    signal?.throwIfAborted();
    const chunk = order.slice(log.state.answers.length).slice(0, size);
    const last = log.state.answers.at(-1) ?? { refused: 'suspect.unasked' };
    const isDead = silent.calls >= 2 && silent.questions >= patience;
    const replies = isDead ? chunk.map(() => last) : await suspect.classify(chunk, signal);
    // An interrupted call refuses what it did not come to ask: those questions are asked again when the judge goes on.
    signal?.throwIfAborted();
    const answers = chunk.map((_, i) => checkAnswer(replies[i], suspect.descriptor.classes));
    await log.append({ answers, at: now().toISOString() });
    const { calls, questions: refused } = silent;
    silent = answers.some((answer) => 'label' in answer)
      ? { calls: 0, questions: 0 }
      : { calls: calls + 1, questions: refused + chunk.length };
    onProgress?.(log.state.answers.length, order.length);
  }
  if (log.state.identities.length === 1) await identify(questions, log);
  return { ...tally(plan, log.state), queries: bytesToHex(log.state.head) };
}

/** The plan of the log, made and put down if there is none. */
async function ensurePlan(log: QueryLog, questions: Questions): Promise<Plan> {
  const { suspect, triggers, audited, decoys, session, random } = questions;
  const known = log.state.plan;
  const plan: Plan = {
    questions: [
      ...triggers.map((image) => question(image, 'trigger')),
      ...audited.map((image) => question(image, 'audited')),
      ...decoys.map(({ image, kind, label }) => question(image, kind, label)),
    ],
    repeats: Math.min(questions.repeats, decoys.length),
    seed: known?.seed ?? bytesToHex(random(32)),
    session: bytesToHex(session),
    suspect: suspect.descriptor,
  };
  if (known === undefined) {
    await log.append({ plan });
    return plan;
  }
  if (canonicalJson(known) === canonicalJson(plan)) return known;
  throw new InputError({
    code: 'queries.other',
    message: 'the query log is of other questions, or of another session or suspect',
    hint: 'give the log that belongs to this session, or a new file',
  });
}

function question(image: Image, kind: Question['kind'], label = -1): Question {
  return { image: imageDigest(image), kind, label };
}

async function identify({ suspect, now, signal }: Questions, log: QueryLog): Promise<void> {
  const identity = (await suspect.identify?.(signal)) ?? '';
  signal?.throwIfAborted();
  await log.append({ identity, at: now().toISOString() });
}

function checkAnswer(answer: Answer | undefined, classes: number): Answer {
  if (answer === undefined) return { refused: 'suspect.missing' };
  if ('refused' in answer) return answer;
  const { label } = answer;
  const isClass = Number.isSafeInteger(label) && label >= 0 && label < classes;
  // −0 is a class to an adapter, and no number of a log.
  return isClass ? { label: label + 0 } : { refused: 'suspect.answer' };
}
