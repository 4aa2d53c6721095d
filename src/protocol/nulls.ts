import type { Parameters } from '../commitment/index.js';
import { clopperPearsonUpper } from './clopper-pearson.js';
import type { NullResult } from './payloads.js';
import { chanceOfMatch, type Policy } from './policy.js';
import { binomialTail, type Fraction, larger } from './statistics.js';

/** With chosen labels nothing but null models says how likely a match is: fewer of them say too little. */
export const leastNullModels = 10;

/** What null models show, for a report and for the decision. */
export interface NullEvidence {
  readonly models: number;
  /** Of all models together, of `asked` answers. */
  readonly matched: number;
  readonly asked: number;
  /** Most matches of one model. */
  readonly most: number;
  /** Upper bound of Clopper and Pearson on the chance of a match, at `policy.nullPpm`, in parts per million. */
  readonly boundPpm: number;
  /** Chance that some model would match as often as the best did if labels were derived and the models independent of them, at most 1. */
  readonly chance: Fraction;
}

/** What these results show about a batch; undefined without null models. */
export function nullEvidence(
  nulls: readonly NullResult[],
  parameters: Parameters,
  { nullPpm }: Policy,
): NullEvidence | undefined {
  if (nulls.length === 0) return undefined;
  const { batchSize } = parameters;
  const matched = nulls.reduce((sum, { matches }) => sum + matches, 0);
  const asked = nulls.length * batchSize;
  const most = nulls.reduce((best, { matches }) => Math.max(best, matches), 0);
  const { numerator, denominator } = binomialTail({
    trials: batchSize,
    successes: most,
    chance: chanceOfMatch(parameters),
  });
  const any = numerator * BigInt(nulls.length);
  return {
    models: nulls.length,
    matched,
    asked,
    most,
    boundPpm: clopperPearsonUpper({ trials: asked, successes: matched, levelPpm: nullPpm }),
    chance: { numerator: any < denominator ? any : denominator, denominator },
  };
}

/**
 * The chance of one match that a claim is measured with. Derived labels: p0, which needs no model. Chosen labels: the bound that null models
 * give, where it is above p0.
 */
export function chanceUnderNulls(
  parameters: Parameters,
  evidence: NullEvidence | undefined,
): Fraction {
  const chance = chanceOfMatch(parameters);
  if (parameters.labelMode === 'derived' || evidence === undefined) return chance;
  return larger(chance, { numerator: BigInt(evidence.boundPpm), denominator: 1_000_000n });
}

/**
 * Whether null models match derived labels more often than chance allows at the policy's level: then something is broken, be it the
 * derivation or that these models know nothing of the mark. One test a model and a union bound: models of one task answer alike, so that
 * their pooled matches are no binomial variable.
 */
export function isExcess({ chance }: NullEvidence, { nullPpm }: Policy): boolean {
  return chance.numerator * 1_000_000n < chance.denominator * BigInt(nullPpm);
}

/** Code of what null models leave in doubt about a claim that wins, or empty. Chosen labels stay in doubt with any number of them. */
export function doubtOfNulls(
  parameters: Parameters,
  policy: Policy,
  evidence: NullEvidence | undefined,
): string {
  const isChosen = parameters.labelMode === 'chosen';
  const needed = Math.max(policy.nullModels, isChosen ? leastNullModels : 0);
  if (!isChosen && evidence && isExcess(evidence, policy)) return 'nulls.match';
  if ((evidence?.models ?? 0) < needed) return 'nulls.too-few';
  return isChosen ? 'labels.chosen' : '';
}
