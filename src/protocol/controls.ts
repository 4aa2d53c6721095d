import { EvidenceError } from '../base/index.js';
import { type Commitment, openLabel } from '../commitment/index.js';
import type { Controls, Share } from './controls-payload.js';
import { fisherTail, isRejected } from './fisher.js';
import type { DecoyReport } from './payloads.js';
import type { Policy } from './policy.js';
import type { Answer } from './suspect.js';

/** Everything that a judge has to see whether a suspect answers like a model. */
export interface ControlInput {
  readonly policy: Policy;
  readonly labelMap: readonly number[];
  readonly labels: readonly number[];
  readonly answers: readonly Answer[];
  /** The committed labels of the audited pairs. */
  readonly auditedLabels: readonly number[];
  readonly decoys: DecoyReport;
  readonly controls: Controls;
}

/**
 * The code of the first control that the suspect fails, or empty. A model that was fixed before the session, asked in a
 * random order, fails `suspect.refuses`, `suspect.drifts` and `suspect.differs` with a chance of at most `controlPpm` each.
 */
export function failedControl(input: ControlInput): string {
  const { policy, decoys, controls } = input;
  if (refusesTriggers(input)) return 'suspect.refuses';
  if (hasDrifted(controls, policy)) return 'suspect.drifts';
  const { ordinaryCorrect, ordinaryLabelled } = decoys;
  if (isBelow(policy.minimumDecoyAccuracyPpm, { with: ordinaryCorrect, of: ordinaryLabelled })) {
    return 'suspect.decoys';
  }
  const { within, across } = controls.repeats;
  const repeats = { with: within.with + across.with, of: within.of + across.of };
  if (isBelow(policy.minimumRepeatAgreementPpm, repeats)) return 'suspect.randomises';
  return differsOnTriggers(input) ? 'suspect.differs' : '';
}

function isBelow(ppm: number, share: Share): boolean {
  return share.with * 1_000_000 < ppm * share.of;
}

/** Whether triggers are refused more often than decoys. */
function refusesTriggers({ answers, decoys, policy }: ControlInput): boolean {
  const tail = fisherTail({
    first: { with: answers.filter((answer) => 'refused' in answer).length, of: answers.length },
    second: { with: decoys.refused, of: decoys.ordinary + decoys.abstract },
  });
  return isRejected(tail, { ppm: policy.controlPpm });
}

/**
 * Whether the suspect changed in between: by its own description, by its accuracy in either half against the other, or
 * because decoys asked in both halves were answered differently and decoys asked twice in one half were not.
 */
function hasDrifted({ identity, accuracy, repeats }: Controls, policy: Policy): boolean {
  if (identity === 'changed') return true;
  const { first, second } = accuracy;
  const { within, across } = repeats;
  const tails = [
    fisherTail({ first, second }),
    fisherTail({ first: second, second: first }),
    fisherTail({ first: within, second: across }),
  ];
  return tails.some((tail) => isRejected(tail, { ppm: policy.controlPpm, tests: tails.length }));
}

/**
 * Whether some class is the answer to triggers more often, or less often, than to audited pairs. The label seed deals out which
 * pairs are audited, so that a model fixed without it answers both alike, whatever pictures the owner chose; abstract decoys
 * would say nothing against an owner of peculiar ones. Pairs that match are left out on both sides: a mark that is there but
 * not enough is no misbehaviour.
 */
function differsOnTriggers(input: ControlInput): boolean {
  const { policy, labelMap, labels, answers, auditedLabels, controls } = input;
  const onTriggers = countMissed(answers, labels, labelMap);
  const onAudited = countMissed(controls.audited, auditedLabels, labelMap);
  const classes = [...new Set([...onTriggers.keys(), ...onAudited.keys()])];
  const level = { ppm: policy.controlPpm, tests: 2 * classes.length };
  const [triggersMissed, auditedMissed] = [total(onTriggers), total(onAudited)];
  return classes.some((label) => {
    const triggers = { with: onTriggers.get(label) ?? 0, of: triggersMissed };
    const audited = { with: onAudited.get(label) ?? 0, of: auditedMissed };
    const more = fisherTail({ first: triggers, second: audited });
    const fewer = fisherTail({ first: audited, second: triggers });
    return isRejected(more, level) || isRejected(fewer, level);
  });
}

/** How often each class was an answer that does not match. */
function countMissed(
  answers: readonly Answer[],
  labels: readonly number[],
  labelMap: readonly number[],
): Map<number, number> {
  const counts = new Map<number, number>();
  answers.forEach((answer, i) => {
    if ('refused' in answer || labelMap[answer.label] === labels[i]) return;
    counts.set(answer.label, (counts.get(answer.label) ?? 0) + 1);
  });
  return counts;
}

function total(counts: ReadonlyMap<number, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** The committed labels of the audited pairs, which every reader opens from the commitment file. */
export function auditedLabels(commitment: Commitment): number[] {
  return commitment.audit.map((opening) => openLabel(commitment, opening));
}

/**
 * Whether the counts of a verdict can be those of one asking: none exceeds its whole, and as many decoys were asked twice
 * as the policy says. Throws `EvidenceError` `verdict.controls`.
 */
export function checkControls(
  { accuracy, audited, repeats }: Controls,
  {
    decoys,
    policy,
    classes,
    pairs,
  }: {
    decoys: DecoyReport;
    policy: Policy;
    /** Of the suspect. */
    classes: number;
    /** Number of audited pairs. */
    pairs: number;
  },
): void {
  const { first, second } = accuracy;
  const { within, across, refused } = repeats;
  const holds =
    audited.length === pairs &&
    audited.every((answer) => 'refused' in answer || answer.label < classes) &&
    [first, second, within, across].every((share) => share.with <= share.of) &&
    first.with + second.with === decoys.ordinaryCorrect &&
    first.of + second.of <= decoys.ordinaryLabelled &&
    first.of + second.of + decoys.refused >= decoys.ordinaryLabelled &&
    within.of + across.of + refused >= Math.min(policy.repeats, decoys.ordinary + decoys.abstract);
  if (holds) return;
  throw new EvidenceError({
    code: 'verdict.controls',
    message:
      'fewer decoys were asked twice than the policy asks, or the counts of the controls contradict each other',
  });
}
