import { bytesToField, deriveSecret, fieldOrder, taggedHash } from '../../crypto/index.js';
import type { R1cs } from '../circuits/index.js';
import type { WorkerPool } from '../workers/index.js';
import { type Group, pointBytes } from './fixed-base.js';
import { power, type QapAtPoint, qapAtPoint } from './qap.js';
import { encodeZkey, littleEndian } from './zkey-file.js';

const p = fieldOrder;

/** The five secrets of Groth16's setup. Whoever knows them proves anything. */
interface Trapdoor {
  readonly tau: bigint;
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly gamma: bigint;
  readonly delta: bigint;
}

/**
 * A proving key from a trapdoor that anyone derives from the seed: for tests and the demo, evidence of nothing. With the
 * trapdoor every element is a known scalar times a generator, so this takes seconds. The same seed, name and circuit give
 * the same bytes. Gives snarkjs's zkey file.
 */
export async function devProvingKey({
  name,
  r1cs,
  seed,
  pool,
  onProgress,
}: {
  name: string;
  r1cs: R1cs;
  seed: string;
  pool: WorkerPool;
  /** Points made so far and in all. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}): Promise<Uint8Array> {
  const { trapdoor, qap } = chooseTrapdoor(r1cs, taggedHash('veilmark/dev-key/1', [seed, name]));
  const { alpha, beta, gamma, delta } = trapdoor;
  const [overGamma, overDelta] = [gamma, delta].map((secret) => power(secret, p - 2n)) as [
    bigint,
    bigint,
  ];
  const scaled = (values: readonly bigint[], factor: bigint): bigint[] =>
    values.map((value) => (value * factor) % p);
  const combined = qap.u.map(
    (u, i) => (beta * u + alpha * (qap.v[i] ?? 0n) + (qap.w[i] ?? 0n)) % p,
  );
  const publics = r1cs.publics + 1;
  const lists: readonly { group: Group; scalars: readonly bigint[] }[] = [
    { group: 'g1', scalars: [alpha, beta, delta] },
    { group: 'g2', scalars: [beta, gamma, delta] },
    { group: 'g1', scalars: scaled(combined.slice(0, publics), overGamma) },
    { group: 'g1', scalars: qap.u },
    { group: 'g1', scalars: qap.v },
    { group: 'g2', scalars: qap.v },
    { group: 'g1', scalars: scaled(combined.slice(publics), overDelta) },
    { group: 'g1', scalars: scaled(qap.odd, overDelta) },
  ];
  const total = lists.reduce((sum, { scalars }) => sum + scalars.length, 0);
  let done = 0;
  const points = await Promise.all(
    lists.map(({ group, scalars }) =>
      multiply({ group, scalars, pool }, (count) => {
        onProgress?.((done += count), total);
      }),
    ),
  );
  const [first, second, ic, a, b1, b2, c, h] = points as [
    ...[Uint8Array, Uint8Array, Uint8Array, Uint8Array],
    ...[Uint8Array, Uint8Array, Uint8Array, Uint8Array],
  ];
  const [g1, g2] = [pointBytes.g1, pointBytes.g2];
  return encodeZkey({
    r1cs,
    domain: qap.domain,
    alpha1: first.subarray(0, g1),
    beta1: first.subarray(g1, 2 * g1),
    delta1: first.subarray(2 * g1),
    beta2: second.subarray(0, g2),
    gamma2: second.subarray(g2, 2 * g2),
    delta2: second.subarray(2 * g2),
    ...{ ic, a, b1, b2, c, h },
  });
}

/** The first trapdoor of the seed whose τ lies in no domain, with the circuit's polynomials there. */
function chooseTrapdoor(r1cs: R1cs, secret: Uint8Array): { trapdoor: Trapdoor; qap: QapAtPoint } {
  for (let attempt = 0; ; attempt++) {
    const [tau, alpha, beta, gamma, delta] = ['tau', 'alpha', 'beta', 'gamma', 'delta'].map(
      (purpose) => bytesToField(deriveSecret(secret, { purpose, index: 0, attempt }, 64)),
    ) as [bigint, bigint, bigint, bigint, bigint];
    const qap = qapAtPoint(r1cs, tau);
    const isSound = alpha * beta * gamma * delta !== 0n && gamma !== delta;
    if (qap && isSound) return { trapdoor: { tau, alpha, beta, gamma, delta }, qap };
  }
}

/** Scalars of one job: large enough for a thread to be worth it, small enough for every core to have some. */
const perJob = 4096;

async function multiply(
  { group, scalars, pool }: { group: Group; scalars: readonly bigint[]; pool: WorkerPool },
  onDone: (count: number) => void,
): Promise<Uint8Array> {
  const size = pointBytes[group];
  const points = new Uint8Array(size * scalars.length);
  const jobs: Promise<void>[] = [];
  for (let start = 0; start < scalars.length; start += perJob) {
    const part = scalars.slice(start, start + perJob);
    const bytes = new Uint8Array(32 * part.length);
    part.forEach((scalar, i) => {
      bytes.set(littleEndian(scalar), 32 * i);
    });
    jobs.push(
      pool.run('fixedBase', { group, scalars: bytes }).then((made) => {
        points.set(made, size * start);
        onDone(part.length);
      }),
    );
  }
  await Promise.all(jobs);
  return points;
}
