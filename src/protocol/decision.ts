import { classCount, type Parameters } from '../commitment/index.js';
import type { Controls } from './controls-payload.js';
import { failedControl } from './controls.js';
import { labelMapCharge } from './label-map.js';
import { chanceUnderNulls, doubtOfNulls, nullEvidence } from './nulls.js';
import type { DecisionJson, DecoyReport, NullResult } from './payloads.js';
import { type Policy, threshold } from './policy.js';
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
  /** How often the judge's null models match, none without such models. */
  readonly nulls: readonly NullResult[];
}

/**
 * The judge's decision. A refused answer counts as no match, which can only hurt the claim; so a claim that wins in
 * spite of refusals, or of any other misbehaviour of the suspect, is proved. One that does not is lost only if it would be
 * with every refusal as a match, if the suspect passes all controls, and if it does not hang on labels that the map leaves out.
 */
export function decide(input: DecisionInput): DecisionJson {
  const { parameters, policy, labelMap, labels, answers, nulls } = input;
  const challenged = labels.length;
  const matched = labels.filter((label, i) => {
    const answer = answers[i];
    return answer !== undefined && 'label' in answer && labelMap[answer.label] === label;
  }).length;
  const refusals = answers.flatMap((answer) => ('refused' in answer ? [answer.refused] : []));
  const evidence = nullEvidence(nulls, parameters, policy);
  const chance = chanceUnderNulls(parameters, evidence);
  const pValue = binomialTail({ trials: challenged, successes: matched, chance });
  const mapCharge = labelMapCharge(labelMap, classCount(parameters));
  const needed = threshold(parameters, policy, mapCharge, chance) ?? challenged + 1;
  // What an independent model wins as well, with labels that the owner chose, is no mark.
  const isCommon = parameters.labelMode === 'chosen' && (evidence?.most ?? -1) >= needed;
  const wins = matched >= needed && !isCommon;
  const matchedAtMost = matched + refusals.length;
  const couldWin = matchedAtMost >= needed && !isCommon;
  const withoutClass = countWithoutClass(input);
  const couldWinElse = matchedAtMost + withoutClass >= needed && !isCommon;
  const cause = wins
    ? doubtOfNulls(parameters, policy, evidence)
    : doubtOfSuspect(input, couldWin ? refusals : []) || (couldWinElse ? 'labels.unmapped' : '');
  return {
    cause,
    challenged,
    matched,
    matchedAtMost,
    paperRule: (challenged - matched) * 1_000_000 <= policy.epsilonPpm * challenged,
    pValue: [pValue.numerator.toString(), pValue.denominator.toString()],
    refused: refusals.length,
    threshold: needed,
    verdict: cause !== '' ? 'inconclusive' : wins ? 'proved' : 'not-proved',
  };
}

/** How many triggers were answered and cannot match: the judge's label map lets no class of the suspect stand for their label. */
function countWithoutClass({ labels, answers, labelMap }: DecisionInput): number {
  const mapped = new Set(labelMap);
  return labels.filter((label, i) => {
    const answer = answers[i];
    return answer !== undefined && 'label' in answer && !mapped.has(label);
  }).length;
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
