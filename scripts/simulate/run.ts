import { SeededStream } from '../../src/crypto/index.js';
import { prepareClaim, winsBefore } from './claim.js';
import { exactInterval, type Interval } from './interval.js';
import { judgeOf } from './judge.js';
import { alphaBits } from './setting.js';
import { strategies, type Strategy } from './strategies.js';
import { makePool } from './trigger-pool.js';

/** The confidence of every interval: nine honest rows all hold with a chance of 99.5 %. */
export const confidence = 0.999;

const poolSize = 256;

/** How often false claims won. */
export interface Rate extends Interval {
  readonly wins: number;
  readonly rate: number;
}

/** What came of one strategy. */
export interface Row {
  readonly strategy: Strategy;
  readonly claims: number;
  readonly measured: Rate;
  /** The same claims before a judge who leaves the strategy's charge out. */
  readonly control: Rate | undefined;
  readonly bound: number;
}

/** Simulates the claims of one strategy. Deterministic: the same seed and numbers give the same row. */
export function simulateStrategy({
  strategy,
  claims,
  seed,
  onProgress,
}: {
  strategy: Strategy;
  claims: number;
  seed: string;
  onProgress?: (done: number) => void;
}): Row {
  const pool = makePool(new SeededStream('veilmark/simulation-pool/1', [seed]), poolSize);
  const judge = judgeOf(strategy);
  const lax = strategy.control && judgeOf(strategy, strategy.control);
  let [wins, laxWins] = [0, 0];
  for (let claim = 0; claim < claims; claim++) {
    const stream = new SeededStream('veilmark/simulation/1', [seed, strategy.name, claim]);
    const prepared = prepareClaim(strategy, pool, stream);
    if (winsBefore(judge, prepared)) wins++;
    if (lax && winsBefore(lax, prepared)) laxWins++;
    onProgress?.(claim + 1);
  }
  return {
    strategy,
    claims,
    measured: rateOf(wins, claims),
    control: lax && rateOf(laxWins, claims),
    bound: 2 ** -alphaBits,
  };
}

/** Simulates every strategy. `onProgress` gets the claims done of all. */
export function simulateAll({
  claims,
  seed,
  onProgress,
}: {
  claims: number;
  seed: string;
  onProgress?: (done: number, strategy: Strategy) => void;
}): Row[] {
  return strategies.map((strategy, i) =>
    simulateStrategy({
      strategy,
      claims,
      seed,
      onProgress: (done) => onProgress?.(i * claims + done, strategy),
    }),
  );
}

function rateOf(wins: number, claims: number): Rate {
  return {
    wins,
    rate: wins / claims,
    ...exactInterval({ successes: wins, trials: claims, confidence }),
  };
}

/** What a run shows that it should not: a rate above its bound, or a control that would not have shown one. */
export function findings(rows: readonly Row[]): string[] {
  return rows.flatMap(({ strategy, measured, control, bound }) => [
    ...(measured.low > bound
      ? [`${strategy.name}: false claims win more often than the bound ${bound}`]
      : []),
    ...(control && control.low <= bound
      ? [
          `${strategy.name}: without its charge the rate does not exceed the bound, so that the row shows nothing`,
        ]
      : []),
  ]);
}
