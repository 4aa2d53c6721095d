/** One network's proofs for `npm run bench white-box`: keys, proofs of some triggers, and their verification. */
import { statSync } from 'node:fs';

import { formatShape } from '../src/base/index.js';
import {
  type Commitment,
  createCommitment,
  type Mark,
  openPair,
  type Parameters,
} from '../src/commitment/index.js';
import { bytesToField, keyPairFrom, SeededStream } from '../src/crypto/index.js';
import { type IntegerNetwork, project } from '../src/network/index.js';
import { findInstance, openCircuit, readCircuitManifest } from '../src/proof/circuits/index.js';
import {
  atPoint,
  classificationPublics,
  classificationSignals,
  decodeProof,
  foldPublics,
  foldSignals,
  foldsOf,
  inputsOf,
  type Layout,
  layoutOf,
  neuronsPublics,
  neuronsSignals,
  type Point,
  proofsPerTrigger,
  type ProvenTrigger,
  thresholdPublics,
  thresholdSignals,
  triggerWitness,
  verifyProofs,
} from '../src/proof/index.js';
import { openProvingKey, type ProvingKey, setupDev } from '../src/proof/keys/index.js';
import { type CircuitInputs, proveAll, type Proved } from '../src/proof/proving/index.js';
import { WorkerPool } from '../src/proof/workers/index.js';
import { imagesFromSecret } from '../src/triggers/index.js';
import { coreSeconds, timed, workerMemory } from './white-box-support.js';

/** Triggers of a batch. */
const batch = 40;
/** Triggers whose proofs are made, and the most of the proofs of one kind that are: the rest costs the same. */
const triggersProven = 4;
const mostProven = 24;
/** Most proofs of one kind that are verified together. */
const mostVerified = 800;

const neuronsInstances = ['neurons-10-10-1068', 'neurons-10-10-2292'];
const [foldInstance, thresholdInstance] = ['fold-16', 'threshold-40'];

export interface Measured {
  readonly blocks: number;
  /** Of all proofs of one trigger. */
  readonly constraints: number;
  readonly proofs: number;
  /** Seconds a trigger to run the network, commit and prove; and to verify; and once for all to project the network. */
  readonly prove: number;
  readonly verify: number;
  readonly projection: number;
  /** Seconds of all cores together that `prove` took. */
  readonly cores: number;
  /** Bytes of all keys of the session: proving and verification. */
  readonly zkeys: number;
  readonly keys: number;
  /** Peak memory of a worker, MB. */
  readonly memory: number;
  /** How many blocks were proven, where that is fewer than one trigger has. */
  readonly provenBlocks: number | undefined;
}

/** Development keys in a folder, each made when it is first needed. */
export class Keys {
  readonly #folder: string;
  readonly #keys = new Map<string, Promise<ProvingKey>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  get(name: string): Promise<ProvingKey> {
    const key = this.#keys.get(name) ?? this.#make(name);
    this.#keys.set(name, key);
    return key;
  }

  async #make(name: string): Promise<ProvingKey> {
    const circuit = await openCircuit(findInstance(name));
    const pool = new WorkerPool();
    try {
      await setupDev({ circuit, folder: this.#folder, pool });
    } finally {
      await pool.close();
    }
    return openProvingKey(this.#folder, circuit);
  }
}

interface SessionKeys {
  readonly neurons: ProvingKey;
  readonly classification: ProvingKey;
  readonly threshold: ProvingKey;
  readonly fold?: ProvingKey;
}

/** Proofs of one circuit: what is proven, what the verifier computes of each, and how many a trigger takes. */
interface Part {
  readonly key: ProvingKey;
  readonly perTrigger: number;
  readonly statements: readonly {
    readonly signals: () => CircuitInputs;
    readonly publics: () => bigint[];
  }[];
}

/** Proves and verifies; throws where a proof does not hold. */
export async function measure(network: IntegerNetwork, keys: Keys): Promise<Measured> {
  const { commitment, mark } = makeClaim(network);
  const session = await sessionKeys(network, keys);
  const layout = layoutOf(network, commitment.parameters, {
    neurons: session.neurons.verificationKey,
    classification: session.classification.verificationKey,
    threshold: session.threshold.verificationKey,
    fold: session.fold?.verificationKey,
  });
  const rho = element('point');
  const [projection, projected] = await timed(() =>
    project(network, rho, { neurons: layout.padded, room: layout.room }),
  );
  const point: Point = { rho, projection: projected };
  const [prepare, triggers] = await timed(() =>
    provenTriggers(network, { commitment, mark, layout, point }),
  );

  const parts = partsOf(session, { commitment, layout, point, triggers });
  const pool = new WorkerPool();
  try {
    await proveAll(
      (parts[0]?.statements ?? []).slice(0, pool.workers).map(({ signals }) => signals()),
      { pool, key: session.neurons },
    ); // starts the processes
    let [prove, verify] = [prepare / triggers.length, 0];
    let cores = prove;
    for (const part of parts) {
      const taken = await proveAndVerify(part, pool);
      prove += taken.prove;
      verify += taken.verify;
      cores += taken.cores;
    }
    const memory = workerMemory();
    await proveThreshold(session.threshold, { layout, triggers, pool });
    const used = Object.values(session) as ProvingKey[];
    const provenBlocks = parts[0]?.statements.length ?? 0;
    const { circuits } = await readCircuitManifest();
    return {
      blocks: layout.blocks,
      constraints: parts.reduce(
        (sum, { key, perTrigger }) =>
          sum + perTrigger * (circuits[key.circuit.instance.name]?.constraints ?? NaN),
        0,
      ),
      proofs: proofsPerTrigger(layout),
      prove,
      verify,
      projection,
      cores,
      zkeys: used.reduce((sum, { zkey }) => sum + statSync(zkey).size, 0),
      keys: used.reduce((sum, { verificationKey }) => sum + verificationKey.bytes.length, 0),
      memory,
      provenBlocks: provenBlocks < layout.blocks ? provenBlocks : undefined,
    };
  } finally {
    await pool.close();
  }
}

/** The keys that fit a network, of the block size with the fewest constraints. */
async function sessionKeys(network: IntegerNetwork, keys: Keys): Promise<SessionKeys> {
  const { circuits } = await readCircuitManifest();
  const cost = (name: string): number => {
    const blocks = Math.ceil(network.neurons / (findInstance(name).parameters[0] ?? NaN));
    const folds = foldsOf(blocks).folds.length;
    const each = (instance: string): number => circuits[instance]?.constraints ?? NaN;
    return blocks * each(name) + folds * each(foldInstance);
  };
  const [cheapest = ''] = [...neuronsInstances].sort((a, b) => cost(a) - cost(b));
  const blocks = Math.ceil(network.neurons / (findInstance(cheapest).parameters[0] ?? NaN));
  return {
    neurons: await keys.get(cheapest),
    classification: await keys.get(`classification-${formatShape(network.shape)}-16`),
    threshold: await keys.get(thresholdInstance),
    ...(foldsOf(blocks).folds.length > 0 && { fold: await keys.get(foldInstance) }),
  };
}

const claims = new Map<string, { commitment: Commitment; mark: Mark }>();

/** A commitment to a batch of abstract images, the same for all networks of one shape. */
function makeClaim({ shape, classes }: IntegerNetwork): { commitment: Commitment; mark: Mark } {
  const known = claims.get(formatShape(shape));
  if (known) return known;
  const stream = new SeededStream('bench/white-box-claim', []);
  const [ownerSeed, secret] = [stream.bytes(32), stream.bytes(32)];
  const parameters: Parameters = {
    ...{ labelMode: 'derived', natural: 'none', shape, origin: 'test' },
    ...{ hidden: batch, audited: 1, batchSize: batch },
    classNames: Array.from({ length: classes }, (_, i) => `class ${i}`),
  };
  const images = imagesFromSecret({ secret, count: batch + 1, shape });
  const natural = images.map(() => classes);
  const claim = createCommitment({
    parameters,
    source: { secret, origin: 'test', images, natural },
    owner: keyPairFrom(ownerSeed),
  });
  claims.set(formatShape(shape), claim);
  return claim;
}

interface Terms {
  readonly commitment: Commitment;
  readonly layout: Layout;
  readonly point: Point;
}

/**
 * Triggers with their witnesses, of which at least one matches: only then does its proof close the random check over all
 * neurons. The weights are random, so most do not match.
 */
function provenTriggers(
  network: IntegerNetwork,
  { commitment, mark, layout, point }: Terms & { mark: Mark },
): ProvenTrigger[] {
  const triggers: ProvenTrigger[] = [];
  for (let index = 0; index < batch; index++) {
    const opening = openPair(mark, index);
    const salts = (name: string): bigint => element('salt', index, name);
    const witness = triggerWitness(network, commitment, { opening, layout, salts });
    triggers.push(atPoint(network, { layout, point, witness }));
    const isEnough = triggers.length >= triggersProven;
    if (isEnough && triggers.some((trigger) => trigger.witness.match === 1n)) {
      // Those that match first.
      return triggers.sort((a, b) => Number(b.witness.match - a.witness.match));
    }
  }
  throw new Error('no trigger matches, so no proof closes the random check');
}

function partsOf(
  keys: SessionKeys,
  { commitment, layout, point, triggers }: Terms & { triggers: readonly ProvenTrigger[] },
): Part[] {
  const { blocks, folds } = layout;
  const part = (
    key: ProvingKey,
    perTrigger: number,
    signals: (trigger: ProvenTrigger, place: number) => CircuitInputs,
    publics: (trigger: ProvenTrigger, place: number) => bigint[],
  ): Part => {
    const all = triggers
      .slice(0, triggersProven)
      .flatMap((trigger) => Array.from({ length: perTrigger }, (_, place) => ({ trigger, place })));
    const statements = all.slice(0, mostProven).map(({ trigger, place }) => ({
      signals: () => signals(trigger, place),
      publics: () => publics(trigger, place),
    }));
    return { key, perTrigger, statements };
  };
  const neurons = part(
    keys.neurons,
    blocks,
    (trigger, block) => neuronsSignals(trigger, layout, point, block),
    ({ publics }, block) => inputsOf(neuronsPublics(point, layout, publics, block)),
  );
  const classification = part(
    keys.classification,
    1,
    (trigger) => classificationSignals(trigger, commitment, layout, point),
    ({ publics }) => inputsOf(classificationPublics(commitment, point, layout, publics)),
  );
  if (!keys.fold) return [neurons, classification];
  const fold = part(
    keys.fold,
    folds.length,
    (trigger, place) => foldSignals(trigger, layout, place),
    ({ publics }, place) => inputsOf(foldPublics(layout, publics, place)),
  );
  return [neurons, fold, classification];
}

/** Seconds a trigger. */
async function proveAndVerify(
  { key, perTrigger, statements }: Part,
  pool: WorkerPool,
): Promise<Pick<Measured, 'prove' | 'verify' | 'cores'>> {
  const signals = statements.map((statement) => statement.signals());
  const before = coreSeconds();
  const [proving, proved] = await timed(() => proveAll(signals, { pool, key }));
  const computing = coreSeconds() - before;
  // A batch's proofs: those that were made, again and again.
  const count = Math.min(batch * perTrigger, Math.max(mostVerified, statements.length));
  const [verifying] = await timed(() => {
    verifyAgain({ key, statements, proved, count });
  });
  return {
    prove: (proving / statements.length) * perTrigger,
    verify: (verifying / count) * perTrigger,
    cores: (computing / statements.length) * perTrigger,
  };
}

/** Verifies as many proofs together, against public inputs that the verifier computes. Throws where one does not hold. */
function verifyAgain({
  key,
  statements,
  proved,
  count,
}: Pick<Part, 'key' | 'statements'> & { proved: readonly Proved[]; count: number }): void {
  const verified = Array.from({ length: count }, (_, i) => {
    const at = i % statements.length;
    const made = proved[at];
    const publics = statements[at]?.publics();
    if (!made || !publics) throw new Error('a proof is missing');
    return { proof: decodeProof(made.proof), inputs: publics };
  });
  verifyProofs({ key: key.verificationKey, statements: verified });
}

/** The proof that enough of a batch match, once a session: here all of those proven, as far as they do. */
async function proveThreshold(
  key: ProvingKey,
  { layout, triggers, pool }: { layout: Layout; triggers: ProvenTrigger[]; pool: WorkerPool },
): Promise<void> {
  const least = triggers.filter(({ witness }) => witness.match === 1n).length;
  const matches = triggers.map(({ publics }) => publics.match);
  const [made] = await proveAll([thresholdSignals(triggers, layout, least)], { pool, key });
  if (!made) throw new Error('a proof is missing');
  const inputs = inputsOf(thresholdPublics(layout, matches, least));
  const statements = [{ proof: decodeProof(made.proof), inputs }];
  verifyProofs({ key: key.verificationKey, statements });
}

function element(...names: (string | number)[]): bigint {
  return bytesToField(new SeededStream('bench/white-box', names).bytes(64));
}
