import type { Answer, Controls, DecoyReport, Plan, QueryState } from '../protocol/index.js';
import { isFirstHalf, queryOrder } from './query-order.js';

/** What a verdict says of the suspect's answers. */
export interface Tally {
  /** The answers to the triggers, in the order of the openings. */
  readonly answers: Answer[];
  readonly decoys: DecoyReport;
  readonly controls: Controls;
}

interface Heard {
  readonly answer: Answer;
  readonly isFirstHalf: boolean;
}

/**
 * Counts what was answered: the judge when it is done, and whoever reads its log later. A question without an answer counts
 * as refused.
 */
export function tally(plan: Plan, { answers, identities }: QueryState): Tally {
  const own = new Array<Heard | undefined>(plan.questions.length);
  const again = new Map<number, Heard>();
  queryOrder(plan).forEach(({ question, isRepeat }, place, order) => {
    const answer = answers[place] ?? { refused: 'suspect.unasked' };
    const heard = { answer, isFirstHalf: isFirstHalf(place, order.length) };
    if (isRepeat) again.set(question, heard);
    else own[question] = heard;
  });
  return {
    answers: answersOf(plan, own, 'trigger'),
    decoys: countDecoys(plan, own),
    controls: {
      accuracy: countHalves(plan, own),
      audited: answersOf(plan, own, 'audited'),
      identity: compareIdentities(identities),
      repeats: countRepeats(own, again),
    },
  };
}

type Own = readonly (Heard | undefined)[];

const labelOf = (heard: Heard | undefined): number | undefined =>
  heard && 'label' in heard.answer ? heard.answer.label : undefined;

function answersOf({ questions }: Plan, own: Own, wanted: 'trigger' | 'audited'): Answer[] {
  return questions.flatMap(({ kind }, i) =>
    kind === wanted ? [own[i]?.answer ?? { refused: 'suspect.unasked' }] : [],
  );
}

function countDecoys({ questions }: Plan, own: Own): DecoyReport {
  const report = { abstract: 0, ordinary: 0, ordinaryCorrect: 0, ordinaryLabelled: 0, refused: 0 };
  questions.forEach(({ kind, label }, i) => {
    if (kind !== 'ordinary' && kind !== 'abstract') return;
    const answer = labelOf(own[i]);
    report[kind]++;
    if (answer === undefined) report.refused++;
    if (kind === 'abstract' || label < 0) return;
    report.ordinaryLabelled++;
    if (answer === label) report.ordinaryCorrect++;
  });
  return report;
}

function countHalves({ questions }: Plan, own: Own): Controls['accuracy'] {
  const halves = { first: { of: 0, with: 0 }, second: { of: 0, with: 0 } };
  questions.forEach(({ kind, label }, i) => {
    const heard = own[i];
    const answer = labelOf(heard);
    if (kind !== 'ordinary' || label < 0 || answer === undefined) return;
    const half = halves[heard?.isFirstHalf === true ? 'first' : 'second'];
    half.of++;
    if (answer === label) half.with++;
  });
  return halves;
}

function countRepeats(own: Own, again: ReadonlyMap<number, Heard>): Controls['repeats'] {
  const repeats = { across: { of: 0, with: 0 }, refused: 0, within: { of: 0, with: 0 } };
  for (const [question, second] of again) {
    const first = own[question];
    const [one, other] = [labelOf(first), labelOf(second)];
    if (one === undefined || other === undefined) {
      repeats.refused++;
      continue;
    }
    const share = repeats[first?.isFirstHalf === second.isFirstHalf ? 'within' : 'across'];
    share.of++;
    if (one === other) share.with++;
  }
  return repeats;
}

function compareIdentities(identities: readonly string[]): Controls['identity'] {
  const known = identities.filter((identity) => identity !== '');
  if (known.length < 2) return 'unknown';
  return known.every((identity) => identity === known[0]) ? 'same' : 'changed';
}
