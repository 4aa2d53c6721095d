import { type Commitment, classCount, type Parameters } from '../commitment/index.js';
import type { Controls } from './controls-payload.js';
import { failedControl } from './controls.js';
import { labelMapChoices } from './label-map.js';
import type { DecisionJson, DecoyReport } from './payloads.js';
import { chanceOfMatch, isSignificant, type Policy, requireThreshold } from './policy.js';
import { binomialTail, type Fraction } from './statistics.js';
import type { Answer } from './suspect.js';

/** Everything a decision rests on. */
export interface DecisionInput {
  readonly parameters: Parameters;
  readonly policy: Policy;
  /** For each class of the suspect the committed label, or −1. */
  readonly labelMap: readonly number[];
  /** The committed labels of the batch. */
  readonly labels: readonly number[];
  /** The suspect's answers to the batch, in the same order. */
  readonly answers: readonly Answer[];
  /** The committed labels of the audited pairs. */
  readonly auditedLabels: readonly number[];
  readonly decoys: DecoyReport;
  readonly controls: Controls;
}

/**
 * The judge's decision. A refused answer counts as no match, which can only hurt the claim; so a claim that wins in
 * spite of refusals, or of any other misbehaviour of the suspect, is proved. One that does not is lost only if it would be
 * with every refusal as a match, and if the suspect passes all controls.
 */
export function decide(input: DecisionInput): DecisionJson {
  const { parameters, policy, labelMap, labels, answers } = input;
  const challenged = labels.length;
  const matched = labels.filter((label, i) => {
    const answer = answers[i];
    return answer !== undefined && 'label' in answer && labelMap[answer.label] === label;
  }).length;
  const refusals = answers.flatMap((answer) => ('refused' in answer ? [answer.refused] : []));
  const pValue = binomialTail({
    trials: challenged,
    successes: matched,
    chance: chanceOfMatch(parameters),
  });
  const mapChoices = labelMapChoices(labelMap, classCount(parameters));
  const wins = isSignificant(parameters, policy, matched, mapChoices);
  const matchedAtMost = matched + refusals.length;
  const couldWin = isSignificant(parameters, policy, matchedAtMost, mapChoices);
  const cause = wins
    ? parameters.labelMode === 'chosen'
      ? 'labels.chosen'
      : ''
    : doubtOfSuspect(input, couldWin ? refusals : []);
  return {
    cause,
    challenged,
    matched,
    matchedAtMost,
    paperRule: (challenged - matched) * 1_000_000 <= policy.epsilonPpm * challenged,
    pValue: [pValue.numerator.toString(), pValue.denominator.toString()],
    refused: refusals.length,
    threshold: requireThreshold(parameters, policy, mapChoices),
    verdict: cause !== '' ? 'inconclusive' : wins ? 'proved' : 'not-proved',
  };
}

/** Why a lost claim is not lost: a control that failed, or refusals on which it depends. */
function doubtOfSuspect(input: DecisionInput, decisive: readonly string[]): string {
  const failed = failedControl(input);
  // Whoever refuses triggers above all is named for it, whatever the refusals say.
  return failed === 'suspect.refuses' ? failed : (mostFrequent(decisive) ?? failed);
}

/** The most frequent of some codes, the alphabetically first among equals. */
function mostFrequent(codes: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}

/** The exact p-value of a decision. */
export function pValueOf(decision: Pick<DecisionJson, 'pValue'>): Fraction {
  const [numerator = '0', denominator = '1'] = decision.pValue;
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}

/** How many of the batch's labels are the most frequent one: a degenerate set of labels would be easy to match. */
export function commonestLabel(
  commitment: Commitment,
  labels: readonly number[],
): { readonly label: number; readonly count: number } {
  const counts = new Array<number>(classCount(commitment.parameters)).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  const count = Math.max(...counts);
  return { label: counts.indexOf(count), count };
}
