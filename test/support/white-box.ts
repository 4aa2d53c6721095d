import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bytesToHex } from '../../src/base/index.js';
import { findWhiteBoxKeys, withKeys } from '../../src/cli/white-box-keys.js';
import { openWhiteBoxProver, type OpenWhiteBoxProver } from '../../src/cli/white-box-prover.js';
import { openLabel, openPair } from '../../src/commitment/index.js';
import { finishNetwork, type IntegerNetwork, type Node } from '../../src/network/index.js';
import type { WhiteBoxKeys } from '../../src/proof/index.js';
import { setupDev } from '../../src/proof/keys/index.js';
import { WorkerPool } from '../../src/proof/workers/index.js';
import {
  defaultPolicy,
  type OwnerHello,
  type Policy,
  type SessionRecord,
} from '../../src/protocol/index.js';
import { type OwnerOptions, runOwner, type WhiteBoxLedger } from '../../src/prover/index.js';
import { memoryChannels } from '../../src/transport/index.js';
import { runWhiteBoxJudge, type WhiteBoxJudgeOptions } from '../../src/verifier/index.js';
import { tinyCircuit } from '../proof/tiny-opening.js';
import { type Claim, makeClaim, MemoryLedger, seeded } from './claim.js';
import { judgeKey } from './session.js';

const [A, S] = [6, 6];
const unit = 2 ** S;

const claims = new Map<string, Claim>();

/** A claim of 2×2 images, two batches of three triggers over ten classes. */
export function whiteBoxClaim(name = 'white box'): Claim {
  const shape = { height: 2, width: 2, channels: 1 };
  const claim = claims.get(name) ?? makeClaim(name, { shape, hidden: 6, audited: 2, batchSize: 3 });
  claims.set(name, claim);
  return claim;
}

/** Two matches of three win: 0.028 · 2 batches ≤ 2^-1. */
export const smallPolicy: Policy = {
  ...defaultPolicy,
  alphaBits: 1,
  grindingBits: 0,
  suspectBits: 0,
  deadlineSeconds: 60,
};

/**
 * A network that gives the first `matches` triggers of each batch their labels and the others class 0, or 1 where 0 is right: pixels
 * are projected onto a line, on which each trigger has a hat of three neurons. `spare` neurons more do nothing.
 */
export function memorisingNetwork(claim: Claim, matches = 3, spare = 0): IntegerNetwork {
  const { commitment, mark } = claim;
  const triggers = commitment.order.batches.flatMap((batch) =>
    batch.map((index, place) => {
      const opening = openPair(mark, index);
      const label = openLabel(commitment, opening);
      const answer = place < matches ? label : label === 0 ? 1 : 0;
      return { pixels: [...opening.image.pixels], answer };
    }),
  );
  const weights = separatingWeights(triggers.map(({ pixels }) => pixels));
  const at = (pixels: readonly number[]): number =>
    Math.floor(pixels.reduce((sum, pixel, p) => sum + pixel * weights[p]!, 0) / unit);
  const neurons = triggers.flatMap(({ pixels, answer }) =>
    [-2, 0, 2].map((side) => ({ edge: at(pixels) + side, answer, height: side === 0 ? -2 : 1 })),
  );
  for (let i = 0; i < spare; i++) neurons.push({ edge: 60, answer: 0, height: 0 });
  const count = neurons.length;
  const kernel = new Int32Array(4 * count);
  for (let w = 0; w < kernel.length; w++) kernel[w] = weights[Math.floor(w / count)]!;
  const logits = new Int32Array(count * 10);
  neurons.forEach(({ answer, height }, n) => (logits[n * 10 + answer] = 100 * height));
  const whole = { size: [1, 1], stride: [1, 1], pad: [0, 0], dilation: [1, 1] } as const;
  const flat = (channels: number) => ({ height: 1, width: 1, channels });
  const nodes: Node[] = [
    { kind: 'pixels', shape: { height: 2, width: 2, channels: 1 } },
    { kind: 'reshape', shape: flat(4), input: 0 },
    {
      kind: 'sum',
      shape: flat(count),
      terms: [
        {
          input: 1,
          at: 0,
          map: { kind: 'convolution', ...whole, filters: count, weights: kernel },
        },
      ],
      bias: Float64Array.from(neurons, ({ edge }) => -edge * unit),
    },
    { kind: 'relu', shape: flat(count), input: 2, scales: new Float64Array(count).fill(1) },
    {
      kind: 'sum',
      shape: flat(10),
      terms: [
        { input: 3, at: 0, map: { kind: 'convolution', ...whole, filters: 10, weights: logits } },
      ],
      bias: new Float64Array(),
    },
  ];
  const digest = new Uint8Array(32).fill(matches);
  return finishNetwork({
    ...{ A, S, nodes, model: digest, logitScale: 1 },
    calibration: { digest: new Uint8Array(32), images: 0 },
  });
}

/** Weights that keep all images apart by at least 3 units, on a line from 0 to 40. */
function separatingWeights(images: readonly (readonly number[])[]): number[] {
  for (let seed = 0; seed < 100_000; seed++) {
    const weights = [0, 1, 2, 3].map((p) => Math.floor(seed / 10 ** p) % 10);
    const places = images
      .map((pixels) => Math.floor(pixels.reduce((sum, x, p) => sum + x * weights[p]!, 0) / unit))
      .sort((a, b) => a - b);
    const apart = places.every((place, i) => i === 0 || place - places[i - 1]! >= 3);
    if (apart && places[0]! >= 3 && places.at(-1)! <= 55) return weights;
  }
  throw new Error('no line keeps these images apart');
}

let folder: Promise<string> | undefined;

/** A folder with development keys of the circuits that these sessions need, made once. */
export function keyFolder(): Promise<string> {
  folder ??= makeKeys();
  return folder;
}

async function makeKeys(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'veilmark-keys-'));
  const pool = new WorkerPool();
  try {
    for (const name of ['neurons-6-6-8', 'classification-2x2x1-16', 'threshold-40', 'fold-16']) {
      await setupDev({ circuit: await tinyCircuit(name), folder: made, pool });
    }
  } finally {
    await pool.close();
  }
  return made;
}

/** A ledger in memory with the rules of the one on disk. */
export class MemoryWhiteBoxLedger implements WhiteBoxLedger {
  readonly networks: IntegerNetwork[];
  readonly cap: number;
  readonly hellos = new Map<string, OwnerHello>();
  readonly challenges = new Map<string, string>();
  readonly points = new Map<string, string>();
  readonly proofs = new Map<string, Uint8Array>();

  constructor(networks: IntegerNetwork[], cap = 64) {
    this.networks = networks;
    this.cap = cap;
  }

  network(digest: string): IntegerNetwork | undefined {
    return this.networks.find((network) => bytesToHex(network.digest) === digest);
  }
  greet(head: string, hello: OwnerHello): Promise<OwnerHello> {
    const recorded = this.hellos.get(head) ?? hello;
    this.hellos.set(head, recorded);
    return Promise.resolve(recorded);
  }
  challenge({ session, challenge }: { session: string; challenge: string }): Promise<void> {
    return this.#once(this.challenges, session, challenge, 'ledger.second-challenge');
  }
  point({ session, point }: { session: string; point: string }): Promise<void> {
    if (!this.points.has(session) && this.points.size >= this.cap) {
      return Promise.reject(new Error('prove.cap'));
    }
    return this.#once(this.points, session, point, 'ledger.second-point');
  }
  count(): Promise<number> {
    return Promise.resolve(this.points.size);
  }
  recall(session: string, name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.proofs.get(`${session}/${name}`));
  }
  keep(session: string, name: string, proof: Uint8Array): Promise<void> {
    this.proofs.set(`${session}/${name}`, proof);
    return Promise.resolve();
  }
  forget(): Promise<void> {
    return Promise.resolve();
  }
  #once(map: Map<string, string>, key: string, value: string, code: string): Promise<void> {
    const known = map.get(key) ?? value;
    map.set(key, known);
    return known === value ? Promise.resolve() : Promise.reject(new Error(code));
  }
}

/** What both sides bring to a small white box session, with real proofs. */
export async function whiteBoxSetting(claim: Claim, network: IntegerNetwork) {
  const { commitment } = claim;
  const found: WhiteBoxKeys = await findWhiteBoxKeys(await keyFolder(), {
    network,
    commitment,
    allowDevKeys: true,
  });
  const judge: Omit<WhiteBoxJudgeOptions, 'channel'> = {
    commitment,
    key: judgeKey,
    policy: withKeys(smallPolicy, found),
    suspect: {
      kind: 'test',
      identity: bytesToHex(network.model),
      shape: '2x2x1',
      classes: 10,
      preprocessing: 'none',
      digest: '5d'.repeat(32),
    },
    network,
    fidelity: { agreed: 100, asked: 100 },
    keys: found,
    allowDevKeys: true,
    random: seeded('white box judge'),
    now: () => new Date('2026-01-02T03:04:05.678Z'),
  };
  const owner: Omit<OwnerOptions, 'channel' | 'whiteBoxProver'> = {
    commitment,
    mark: claim.mark,
    key: claim.owner,
    ledger: new MemoryLedger(),
    patienceSeconds: 60,
    random: seeded('white box owner'),
    whiteBoxLedger: new MemoryWhiteBoxLedger([network]),
  };
  return { judge, owner };
}

let prover: Promise<OpenWhiteBoxProver> | undefined;

// Fuzzing uses this file outside of the test runner, and no keys.
if ('after' in globalThis) {
  after(async () => {
    await (await prover)?.close();
    if (folder) await rm(await folder, { recursive: true });
  });
}

/** A prover with the keys above that all tests share; its processes end with this one. */
export function sharedProver(): Promise<OpenWhiteBoxProver> {
  prover ??= keyFolder().then((keys) => openWhiteBoxProver({ keys }));
  return prover;
}

/** Runs both sides of a small white box session in memory, with real proofs. */
export async function runWhiteBox(
  claim: Claim,
  network: IntegerNetwork,
  changes: { judge?: Partial<WhiteBoxJudgeOptions>; owner?: Partial<OwnerOptions> } = {},
): Promise<{ judge: SessionRecord; owner: SessionRecord }> {
  const setting = await whiteBoxSetting(claim, network);
  const whiteBoxProver = await sharedProver();
  const [judgeEnd, ownerEnd] = memoryChannels();
  const [judge, owner] = await Promise.all([
    runWhiteBoxJudge({ channel: judgeEnd, ...setting.judge, ...changes.judge }),
    runOwner({ channel: ownerEnd, whiteBoxProver, ...setting.owner, ...changes.owner }),
  ]);
  return { judge, owner };
}
