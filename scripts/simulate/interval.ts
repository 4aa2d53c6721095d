/** Two-sided exact confidence interval of a rate. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The interval of Clopper and Pearson (1934) for a binomial rate: the rates under which neither so many successes nor so
 * few have a chance below (1 − confidence)/2.
 */
export function exactInterval({
  successes,
  trials,
  confidence,
}: {
  successes: number;
  trials: number;
  confidence: number;
}): Interval {
  const tail = (1 - confidence) / 2;
  return {
    low: successes === 0 ? 0 : solve((rate) => upperTail(trials, successes, rate) < tail),
    high:
      successes === trials
        ? 1
        : solve((rate) => upperTail(trials, trials - successes, 1 - rate) >= tail),
  };
}

/** The rate at which a condition that holds for small rates stops holding, to the last digits of a float. */
function solve(holds: (rate: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P[Bin(n, p) ≥ k] in floats, summed from the largest term outwards. */
function upperTail(trials: number, successes: number, rate: number): number {
  if (rate <= 0) return successes === 0 ? 1 : 0;
  if (rate >= 1) return 1;
  const mode = Math.min(trials, Math.max(successes, Math.floor((trials + 1) * rate)));
  let logTerm = trials * Math.log1p(-rate);
  const logOdds = Math.log(rate) - Math.log1p(-rate);
  for (let j = 1; j <= mode; j++) logTerm += Math.log((trials - j + 1) / j) + logOdds;
  const odds = rate / (1 - rate);
  const largest = Math.exp(logTerm);
  let sum = largest;
  for (let j = mode, term = largest; j < trials && term > sum * 1e-17; j++) {
    term *= ((trials - j) / (j + 1)) * odds;
    sum += term;
  }
  for (let j = mode, term = largest; j > successes && term > sum * 1e-17; j--) {
    term *= j / (trials - j + 1) / odds;
    sum += term;
  }
  return Math.min(1, sum);
}
