import { classCount, type Parameters } from '../commitment/index.js';
import { chanceOfMatch } from './policy.js';
import { binomialTail, type Fraction } from './statistics.js';

/** How one-sided a set of labels is. */
export interface CommonestLabel {
  readonly label: number;
  readonly count: number;
  /** Chance, at most 1, that derivation gives some label so often: a union bound over the classes. */
  readonly chance: Fraction;
}

/**
 * The most frequent of a batch's labels, the first among equals, with the exact chance that derived labels have one so frequent. A set of few
 * different labels would be easy to match for a model that hardly ever says anything else. Each class is a given pair's label with
 * chance at most p0, independently of other pairs, so that its count lies above no binomial variable's of chance p0.
 */
export function commonestLabel(parameters: Parameters, labels: readonly number[]): CommonestLabel {
  const classes = classCount(parameters);
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  const count = Math.max(...counts);
  const { numerator, denominator } = binomialTail({
    trials: labels.length,
    successes: count,
    chance: chanceOfMatch(parameters),
  });
  const any = numerator * BigInt(classes);
  return {
    label: counts.indexOf(count),
    count,
    chance: { numerator: any < denominator ? any : denominator, denominator },
  };
}
