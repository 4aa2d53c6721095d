const million = 1_000_000;

/**
 * The exact upper confidence bound of Clopper and Pearson (Biometrika 26, 1934) for a probability of which `successes` of `trials` came
 * true, at the one-sided level of `levelPpm` parts per million, rounded up to parts per million: the least integer u from 1 on
 * with `P[Bin(trials, u/10^6) ≤ successes] ≤ levelPpm/10^6`, and 10^6 where there is none. Found by bisection; every comparison
 * is one of integers. Expects `1 ≤ levelPpm ≤ 500,000` and `0 ≤ successes ≤ trials`.
 */
export function clopperPearsonUpper(sample: {
  trials: number;
  successes: number;
  levelPpm: number;
}): number {
  const { trials, successes } = sample;
  if (successes >= trials) return million;
  const choices = binomialCoefficient(trials, successes);
  // The median of Bin(n, m/n) is m: at m/n the tail is at least one half.
  let [above, within] = [Math.floor((million * successes) / trials), million];
  while (within - above > 1) {
    const middle = (above + within) >> 1;
    if (isLowerTailAtMost({ ...sample, choices, ppm: middle })) within = middle;
    else above = middle;
  }
  return within;
}

/**
 * Whether `P[Bin(trials, ppm/10^6) ≤ successes] ≤ levelPpm/10^6`, for a probability of at least successes/trials, so that the terms fall from
 * `successes` down. Summed from there until the rest, bounded by a geometric series, cannot change the answer.
 */
function isLowerTailAtMost({
  trials,
  successes,
  levelPpm,
  choices,
  ppm,
}: {
  trials: number;
  successes: number;
  levelPpm: number;
  choices: bigint;
  ppm: number;
}): boolean {
  const [n, p, q] = [BigInt(trials), BigInt(ppm), BigInt(million - ppm)];
  const limit = (BigInt(levelPpm) * BigInt(million) ** n) / BigInt(million);
  let term = choices * p ** BigInt(successes) * q ** BigInt(trials - successes);
  let sum = 0n;
  for (let j = BigInt(successes); j >= 0n; j--) {
    sum += term;
    if (sum > limit) return false;
    const [above, below] = [j * q, (n - j + 1n) * p];
    // Each further term is at most above/below times the one before it: all of them together at most term × above/(below − above).
    if (below > above && term * above <= (limit - sum) * (below - above)) return true;
    term = (term * above) / below;
  }
  return true;
}

function binomialCoefficient(n: number, k: number): bigint {
  let value = 1n;
  for (let i = 1; i <= Math.min(k, n - k); i++) {
    value = (value * BigInt(n - i + 1)) / BigInt(i);
  }
  return value;
}
