import type { Parameters } from '../../src/commitment/index.js';
import {
  type Answer,
  type Controls,
  decide,
  labelMapCharge,
  type Policy,
  threshold,
} from '../../src/protocol/index.js';
import { parametersOf, policyOf } from './setting.js';
import type { Control, Strategy } from './strategies.js';

/** What a judge sees of one batch. */
export interface Seen {
  readonly labels: readonly number[];
  /** The suspect's classes. */
  readonly answers: readonly number[];
  readonly labelMap: readonly number[];
}

/** A judge, or one that leaves a charge out. */
export interface Judge {
  /** Whether a claim wins: the product's own `decide`. */
  readonly proves: (seen: Seen) => boolean;
  /** T under a label map, by the product's own `threshold`; above any count where nothing wins. */
  readonly needed: (labelMap: readonly number[]) => number;
}

const none = { of: 0, with: 0 };
const noControls: Controls = {
  accuracy: { first: none, second: none },
  audited: [],
  identity: 'unknown',
  repeats: { across: none, refused: 0, within: none },
};
const noDecoys = { abstract: 0, ordinary: 0, ordinaryCorrect: 0, ordinaryLabelled: 0, refused: 0 };

/** The judge of a strategy; with a control, one whose decision leaves out what the strategy should pay for. */
export function judgeOf({ setting }: Strategy, control?: Control): Judge {
  const leavesOut = (charge: Control): boolean => control === charge || control === 'all';
  const counted = parametersOf(setting);
  const parameters: Parameters = leavesOut('batches')
    ? { ...counted, hidden: counted.batchSize }
    : counted;
  const policy: Policy = {
    ...policyOf(setting),
    ...(leavesOut('grinding') && { grindingBits: 0 }),
    ...(leavesOut('suspects') && { suspectBits: 0 }),
  };
  const plain = Array.from({ length: setting.classes }, (_, label) => label);
  const charged = (labelMap: readonly number[]) => (leavesOut('label map') ? plain : labelMap);
  const thresholds = new Map<bigint, number>();
  return {
    proves: ({ labels, answers, labelMap }) => {
      const mapped = leavesOut('label map')
        ? answers.map((answer) => labelMap[answer] ?? -1)
        : answers;
      const committed = leavesOut('derived labels') ? mapped : labels;
      const decision = decide({
        parameters,
        policy,
        labelMap: charged(labelMap),
        labels: committed,
        answers: mapped.map((label): Answer => ({ label })),
        auditedLabels: [],
        decoys: noDecoys,
        controls: noControls,
        nulls: [],
      });
      return decision.verdict === 'proved';
    },
    needed: (labelMap) => {
      const charge = labelMapCharge(charged(labelMap), setting.classes);
      const known = thresholds.get(charge) ?? threshold(parameters, policy, charge) ?? Infinity;
      thresholds.set(charge, known);
      return known;
    },
  };
}
