import {
  bytesToHex,
  canonicalJson,
  EvidenceError,
  fromBase64,
  hexBytes,
  InputError,
} from '../base/index.js';
import { classCount, type Commitment, type Parameters } from '../commitment/index.js';
import { fieldFromHex, hashToField } from '../crypto/index.js';
import { type IntegerNetwork, project } from '../network/index.js';
import {
  classificationPublics,
  decodeProof,
  decodeVerificationKey,
  foldPublics,
  inputsOf,
  type Layout,
  layoutOf,
  neuronsPublics,
  type Point,
  type PublicTrigger,
  thresholdPublics,
  type VerificationKey,
  verifyProofs,
  whiteBoxCircuits,
  type WhiteBoxKeys,
  zeroMatch,
  zeroSum,
} from '../proof/index.js';
import type { Observer } from './checks.js';
import { devKey } from './hidden-proofs.js';
import type { JudgeHello } from './payloads.js';
import { chanceOfMatch, requireThreshold } from './policy.js';
import type {
  Challenged,
  Digested,
  Pointed,
  Session,
  SessionContext,
  Shown,
} from './session-state.js';
import { binomialTail } from './statistics.js';
import type {
  Conclusion,
  Digests,
  Proofs,
  WhiteBoxDecision,
  WhiteBoxHello,
} from './white-box-payloads.js';

function demand(holds: boolean, code: string, message: string, hint?: string): asserts holds {
  if (!holds) throw new EvidenceError({ code, message, hint });
}

/**
 * The rules of a judge's hello that are of its mode alone. Throws `EvidenceError` `hello.mode`, `hello.network`,
 * `hello.fidelity`, `hello.key`, `key.*`, `proof.instance`.
 */
export function checkWhiteBoxHello(
  hello: JudgeHello,
  context: SessionContext,
  observe: Observer,
): void {
  const { parameters } = context.commitment;
  const { whiteBox, policy, labelMap, suspect } = hello;
  if (!whiteBox)
    throw new EvidenceError({ code: 'hello.mode', message: 'the judge names no network' });
  observe('hello.mode');
  demand(
    parameters.labelMode === 'derived' && policy.hiddenProofs === 'none',
    'hello.mode',
    'white box sessions take derived labels only, and no proofs of hidden pairs beside their own',
    'judge a claim with chosen labels as a black box',
  );
  demand(
    labelMap.length === classCount(parameters) &&
      labelMap.every((label, answer) => label === answer),
    'hello.suspect',
    'in white box mode every class of the suspect stands for the committed class of the same number',
  );
  const network = context.network?.(whiteBox.network);
  observe('hello.network');
  demand(
    network === undefined || suspect.identity === bytesToHex(network.model),
    'hello.network',
    'the integer network is not of the model that the judge names as the suspect',
  );
  observe('hello.fidelity');
  const { agreed, asked } = whiteBox.fidelity;
  demand(
    asked > 0 && agreed <= asked && agreed * 1_000_000 >= policy.minimumFidelityPpm * asked,
    'hello.fidelity',
    `the integer network agrees with the float model on ${agreed} of ${asked} images, the policy asks for ${policy.minimumFidelityPpm} in a million`,
  );
  observe('hello.key');
  const keys = helloKeys(whiteBox);
  for (const circuit of whiteBoxCircuits) {
    const found = keys[circuit] ? bytesToHex(keys[circuit].digest) : '';
    demand(
      policy.whiteBoxKeys[circuit] === found,
      'hello.key',
      `the key of the circuit ${circuit} is not the one that the policy pins`,
    );
    if (keys[circuit]?.stamp === 'dev' && context.allowDevKeys !== true) throw devKey();
  }
  if (network) layoutOf(network, parameters, keys);
}

const decoded = new Map<string, VerificationKey>();

/** A key of a hello; the last few are kept, for one session asks for each many times. */
function keyOf(text: string): VerificationKey {
  const known = decoded.get(text);
  if (known) return known;
  const key = decodeVerificationKey(fromBase64(text));
  if (decoded.size >= 8) decoded.clear();
  decoded.set(text, key);
  return key;
}

/** The verification keys that a judge's hello carries. Throws as `decodeVerificationKey` does. */
export function helloKeys({ keys }: WhiteBoxHello): WhiteBoxKeys {
  return {
    classification: keyOf(keys.classification),
    neurons: keyOf(keys.neurons),
    threshold: keyOf(keys.threshold),
    ...(keys.fold !== '' && { fold: keyOf(keys.fold) }),
  };
}

/** The network of a session and how its proofs are dealt. Throws `InputError` `session.network` for a reader without it. */
export function sessionLayout(
  { judgeHello: { whiteBox } }: Pick<Challenged, 'judgeHello'>,
  context: SessionContext,
): { network: IntegerNetwork; keys: WhiteBoxKeys; layout: Layout } {
  const digest = whiteBox?.network ?? '';
  const network = context.network?.(digest);
  if (!network || !whiteBox) {
    throw new InputError({
      code: 'session.network',
      message: `the session is about the integer network ${digest}, which is not at hand`,
      hint: 'give its file with --network FILE',
    });
  }
  const keys = helloKeys(whiteBox);
  return { network, keys, layout: layoutOf(network, context.commitment.parameters, keys) };
}

/** The random point: ρ from the chain's head after the judge's coins, never 0; and the network projected onto it. */
export function pointAt(head: Uint8Array, network: IntegerNetwork, layout: Layout): Point {
  const rho = hashToField(head);
  demand(rho !== 0n, 'point.zero', 'the random point is 0');
  const { padded: neurons, room } = layout;
  return { rho, projection: project(network, rho, { neurons, room }) };
}

/** Throws `EvidenceError` `digests.layout`, `digests.repeated`. */
export function checkDigests(
  session: Challenged,
  { triggers }: Digests,
  context: SessionContext,
  observe: Observer,
): void {
  observe('digests.layout');
  const { layout } = sessionLayout(session, context);
  const batch = batchOf(session, context.commitment);
  demand(
    sameIndices(triggers, batch) &&
      triggers.every(({ neurons }) => neurons.length === layout.blocks),
    'digests.layout',
    `the digests are not those of batch ${session.challenge.batch}, ${layout.blocks} blocks a trigger`,
  );
  const all = triggers.flatMap(({ logits, neurons }) => [logits, ...neurons]);
  all.forEach(fieldFromHex);
  observe('digests.repeated');
  // Every digest has a salt of its own: a digest that comes twice tells that two triggers are alike.
  demand(new Set(all).size === all.length, 'digests.repeated', 'two digests are the same');
}

/** Throws `EvidenceError` `proofs.layout`, `proofs.zero`, or as `decodeProof` and `verifyProofs` do. */
export function checkProofs(
  session: Pointed,
  proofs: Proofs,
  context: SessionContext,
  observe: Observer,
): void {
  const { commitment } = context;
  const { parameters } = commitment;
  observe('proofs.layout');
  const { network, keys, layout } = sessionLayout(session, context);
  demand(
    sameIndices(proofs.triggers, batchOf(session, commitment)) &&
      proofs.triggers.every(
        ({ blocks, folds }) =>
          blocks.length === layout.blocks && folds.length === layout.folds.length,
      ),
    'proofs.layout',
    `the proofs are not those of batch ${session.challenge.batch}: ${layout.blocks} blocks and ${layout.folds.length} folds a trigger`,
  );
  const publics = proofs.triggers.map((trigger, i): PublicTrigger => {
    const digests = session.digests.triggers[i];
    return {
      index: trigger.index,
      neurons: (digests?.neurons ?? []).map(fieldFromHex),
      logits: fieldFromHex(digests?.logits ?? ''),
      sums: [...trigger.blocks, ...trigger.folds].map(({ sum }) => fieldFromHex(sum)),
      match: fieldFromHex(trigger.match),
    };
  });
  observe('proofs.zero');
  demand(
    publics.every(({ sums, match }) => match !== zeroMatch && !sums.includes(zeroSum)),
    'proofs.zero',
    'the commitment to 0 of unused places stands in a used one',
  );
  const point = pointAt(session.head, network, layout);
  const verify = (
    key: VerificationKey,
    statements: readonly (readonly [proof: string, publics: Signals])[],
  ): void => {
    verifyProofs({
      key,
      statements: statements.map(([proof, signals]) => ({
        proof: decodeProof(hexBytes(proof, 256)),
        inputs: inputsOf(signals),
      })),
    });
  };
  observe('proofs.neurons');
  const blocks = proofs.triggers.flatMap((trigger, i) =>
    trigger.blocks.map(
      ({ proof }, block) => [proof, neuronsPublics(point, layout, at(publics, i), block)] as const,
    ),
  );
  if (blocks.length > 0) verify(keys.neurons, blocks);
  observe('proofs.folds');
  if (keys.fold) {
    verify(
      keys.fold,
      proofs.triggers.flatMap((trigger, i) =>
        trigger.folds.map(
          ({ proof }, fold) => [proof, foldPublics(layout, at(publics, i), fold)] as const,
        ),
      ),
    );
  }
  observe('proofs.classification');
  verify(
    keys.classification,
    proofs.triggers.map(
      ({ proof }, i) =>
        [proof, classificationPublics(commitment, point, layout, at(publics, i))] as const,
    ),
  );
  observe('proofs.threshold');
  const least = requireThreshold(parameters, session.judgeHello.policy);
  const matches = publics.map(({ match }) => match);
  verify(keys.threshold, [[proofs.threshold, thresholdPublics(layout, matches, least)]]);
}

type Signals = Readonly<Record<string, bigint | readonly bigint[]>>;

/** The decision of a white box session: proved where the owner proved that the threshold is reached. */
export function decideWhiteBox(
  { judgeHello: { policy }, isProven }: Pick<Shown, 'judgeHello' | 'isProven'>,
  parameters: Parameters,
): WhiteBoxDecision {
  const threshold = requireThreshold(parameters, policy);
  const { batchSize } = parameters;
  const chance = chanceOfMatch(parameters);
  const pValue = binomialTail({ trials: batchSize, successes: threshold, chance });
  return {
    batch: batchSize,
    pValue: [pValue.numerator.toString(), pValue.denominator.toString()],
    threshold,
    verdict: isProven ? 'proved' : 'not-proved',
  };
}

/** Throws `EvidenceError` `verdict.arithmetic`. */
export function checkConclusion(
  session: Shown,
  { decision }: Conclusion,
  { commitment }: SessionContext,
  observe: Observer,
): void {
  observe('verdict.arithmetic');
  const computed = decideWhiteBox(session, commitment.parameters);
  demand(
    canonicalJson(computed) === canonicalJson(decision),
    'verdict.arithmetic',
    `what the owner proved gives ${computed.verdict}, the verdict says otherwise`,
  );
}

/** The stamps of the keys of a white box session that came to its proofs; `dev` where any is. */
export function whiteBoxStamp(session: Session): VerificationKey['stamp'] | undefined {
  const reached = session.phase === 'aborted' ? session.before : session;
  if (!('isProven' in reached) || !reached.isProven) return undefined;
  const { whiteBox } = reached.judgeHello;
  if (!whiteBox) return undefined;
  const keys = Object.values<VerificationKey | undefined>(helloKeys(whiteBox));
  return keys.some((key) => key?.stamp === 'dev') ? 'dev' : 'ceremony';
}

function batchOf(
  { challenge }: Pick<Digested, 'challenge'>,
  { order }: Commitment,
): readonly number[] {
  return order.batches[challenge.batch] ?? [];
}

function sameIndices(entries: readonly { index: number }[], batch: readonly number[]): boolean {
  return entries.length === batch.length && entries.every(({ index }, i) => index === batch[i]);
}

function at(publics: readonly PublicTrigger[], i: number): PublicTrigger {
  const found = publics[i];
  if (!found) throw new RangeError(`no trigger ${i}`);
  return found;
}
