import { bytesToHex } from '../../src/base/index.js';
import type { SeededStream } from '../../src/crypto/index.js';
import { pickBatch, unspentBatches } from '../../src/protocol/index.js';
import type { Judge, Seen } from './judge.js';
import { parametersOf } from './setting.js';
import type { Strategy } from './strategies.js';
import { commitTo, drawPairs, type PoolTrigger, type SimulatedCommitment } from './trigger-pool.js';

/** One thing that the owner could publish and say: a commitment, a suspect and a label map, with all batches. */
interface Candidate {
  readonly batches: readonly Seen[];
  readonly matches: readonly number[];
  readonly labelMap: readonly number[];
}

/** A claim in which the owner has computed everything that he can compute before the session. */
export interface PreparedClaim {
  readonly strategy: Strategy;
  readonly candidates: readonly Candidate[];
  readonly session: SeededStream;
}

/** A model fixed before the label seed: any function from images to classes. */
type SuspectAnswers = (trigger: PoolTrigger) => number;

/** The owner's work before a session, as his strategy says. The same stream gives the same claim. */
export function prepareClaim(
  strategy: Strategy,
  pool: readonly PoolTrigger[],
  stream: SeededStream,
): PreparedClaim {
  const { setting } = strategy;
  const suspects = Array.from({ length: setting.suspects }, (): SuspectAnswers => {
    const answers = stream.bytes(pool.length);
    return ({ place }) => (answers[place] ?? 0) % setting.classes;
  });
  const [first] = suspects;
  const pleasing =
    strategy.images === 'any' ? pool : pool.filter((trigger) => first?.(trigger) === 0);
  const plain = range(setting.classes);
  const oneToOne = permutations(setting.classes);
  const candidates = tryCommitments(strategy, pleasing, stream).flatMap((commitment) =>
    suspects.flatMap((suspect) => {
      const batches = askAll(commitment, suspect);
      const maps =
        strategy.labelMap === 'plain'
          ? [plain]
          : [...oneToOne, ...batches.map((asked) => fittingMap(asked, setting.classes))];
      return maps.map((map) => candidate(batches, map));
    }),
  );
  return { strategy, candidates, session: stream };
}

function tryCommitments(
  { setting, varies }: Strategy,
  pool: readonly PoolTrigger[],
  stream: SeededStream,
): SimulatedCommitment[] {
  const parameters = parametersOf(setting);
  const owner = stream.bytes(32);
  const pairs = drawPairs(parameters, pool, stream);
  return Array.from({ length: setting.tries }, () => {
    const [fresh] = drawPairs(parameters, pool, stream);
    const tried =
      varies === 'everything'
        ? drawPairs(parameters, pool, stream)
        : [...(fresh ? [fresh] : []), ...pairs.slice(1)];
    return commitTo(parameters, owner, tried);
  });
}

type Asked = Omit<Seen, 'labelMap'>;

function askAll(
  { pairs, labels, order }: SimulatedCommitment,
  suspect: SuspectAnswers,
): readonly Asked[] {
  return order.batches.map((batch) => ({
    labels: batch.map((index) => labels[index] ?? 0),
    answers: batch.flatMap((index) => pairs.slice(index, index + 1)).map(suspect),
  }));
}

function candidate(batches: readonly Asked[], labelMap: readonly number[]): Candidate {
  const matches = batches.map(
    ({ labels, answers }) =>
      labels.filter((label, i) => labelMap[answers[i] ?? -1] === label).length,
  );
  return { batches: batches.map((asked) => ({ ...asked, labelMap })), matches, labelMap };
}

/** Of all maps whatever the one with most matches: each answer stands for the label that it meets most often. */
function fittingMap({ labels, answers }: Asked, classes: number): number[] {
  return range(classes).map((answer) => {
    const met = range(classes).map(
      (label) => labels.filter((one, i) => one === label && answers[i] === answer).length,
    );
    return met.indexOf(Math.max(...met));
  });
}

/** Most sessions that an owner begins who leaves those that he does not like. */
const mostSessions = 24;

/** Plays the sessions of a claim before a judge whose rules the owner knows. Whether the false claim wins. */
export function winsBefore(
  judge: Judge,
  { strategy, candidates, session }: PreparedClaim,
): boolean {
  const { steers, setting } = strategy;
  const lead = ({ matches, labelMap }: Candidate): number => {
    const needed = judge.needed(labelMap);
    if (steers !== 'not') return Math.max(...matches) - needed;
    const winning = matches.filter((count) => count >= needed).length;
    return winning > 0 ? winning : Math.max(...matches) - needed;
  };
  const best = candidates.reduce((a, b) => (lead(b) > lead(a) ? b : a));
  const luckiest = best.matches.indexOf(Math.max(...best.matches));
  const declared = range(setting.batches).filter(
    (batch) => steers === 'receipts' && batch !== luckiest,
  );
  const sessions = steers === 'aborts' ? mostSessions : 1;
  for (let i = 0; i < sessions; i++) {
    const seen = best.batches[challengedBatch(strategy, declared, session)];
    if (seen && judge.proves(seen)) return true;
  }
  return false;
}

/** The batch that the coins of both pick: the product's own rule, with an honest judge's coins. */
function challengedBatch(
  { setting }: Strategy,
  declared: readonly number[],
  stream: SeededStream,
): number {
  // Puppets sign what they are asked to: the receipts' signatures are left out.
  const spent = declared.map((batch) => ({ batch, judge: '', receipt: '', session: '' }));
  const coins = stream.bytes(32);
  const ownerHello = { coins: bytesToHex(coins), nonce: '', owner: '', spent };
  return pickBatch({
    head: stream.bytes(32),
    judgeCoins: stream.bytes(32),
    ownerCoins: coins,
    unspent: unspentBatches(parametersOf(setting), ownerHello),
  });
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

/** All one-to-one maps of K classes. */
function permutations(classes: number): number[][] {
  const extend = (chosen: readonly number[]): number[][] =>
    chosen.length === classes
      ? [[...chosen]]
      : range(classes)
          .filter((label) => !chosen.includes(label))
          .flatMap((label) => extend([...chosen, label]));
  return extend([]);
}
