import { bytesToHex, EvidenceError, toBase64 } from '../base/index.js';
import { batchCount, type Commitment } from '../commitment/index.js';
import type { KeyPair, RandomBytes } from '../crypto/index.js';
import type { IntegerNetwork } from '../network/index.js';
import {
  type Channel,
  coinBytes,
  Conversation,
  decideWhiteBox,
  type Journal,
  type JudgeHello,
  type Policy,
  secondsPerProof,
  type SessionContext,
  type SessionRecord,
  type SuspectDescriptor,
  unspentBatches,
} from '../protocol/index.js';
import { type Layout, layoutOf, proofsPerTrigger, type WhiteBoxKeys } from '../proof/index.js';
import { allSpent, drawing, judgeChallenge, judgeHello, stopped } from './judge.js';
import { checkSameHello } from './same-hello.js';

/** What a judge brings to a white box session. Entropy and clock are parameters. */
export interface WhiteBoxJudgeOptions {
  readonly channel: Channel;
  readonly commitment: Commitment;
  readonly key: KeyPair;
  /** Its `whiteBoxKeys` pin `keys`. */
  readonly policy: Policy;
  readonly suspect: SuspectDescriptor;
  /** The suspect's integer network. */
  readonly network: IntegerNetwork;
  /** On how many of the judge's own images it agrees with the float model. */
  readonly fidelity: { readonly agreed: number; readonly asked: number };
  readonly keys: WhiteBoxKeys;
  readonly knownSpent?: readonly number[] | undefined;
  readonly allowTestOrigin?: boolean;
  readonly allowDevKeys?: boolean;
  readonly random: RandomBytes;
  /** Makes the session one that can be gone on with; then its secret takes the place of `random`. */
  readonly journal?: Journal | undefined;
  readonly now: () => Date;
  readonly onStage?: ((stage: WhiteBoxStage) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the judge waits for. */
export type WhiteBoxStage =
  | { readonly kind: 'greeted' }
  | { readonly kind: 'challenged'; readonly batch: number; readonly size: number }
  | { readonly kind: 'pointed'; readonly proofs: number }
  | { readonly kind: 'shown'; readonly isProven: boolean };

/**
 * Refuses a network that does not do what the model does, before anything is said to the owner: the question stays open.
 * Throws `EvidenceError` `network.fidelity`.
 */
export function checkFidelity(
  { agreed, asked }: WhiteBoxJudgeOptions['fidelity'],
  { minimumFidelityPpm }: Policy,
): void {
  if (asked > 0 && agreed * 1_000_000 >= minimumFidelityPpm * asked) return;
  throw new EvidenceError({
    code: 'network.fidelity',
    message: `the integer network agrees with the float model on ${agreed} of ${asked} images (${((100 * agreed) / Math.max(asked, 1)).toFixed(2)} %), the policy asks for ${minimumFidelityPpm / 10_000} %`,
    hint: 'use more bits (--bits), calibrate on more images, or judge the model as a black box',
  });
}

/**
 * The judge's side of a white box session: nothing is opened and no batch is spent. Every failure of the owner ends in a record with a
 * verdict; throws `EvidenceError` `network.fidelity`, `proof.instance`, `hello.*`, `policy.unwinnable` where the judge's own
 * first message would break a rule.
 */
export async function runWhiteBoxJudge(options: WhiteBoxJudgeOptions): Promise<SessionRecord> {
  const { channel, commitment, key, policy, network, keys, now, onStage, signal } = options;
  const { parameters } = commitment;
  const draw = drawing(options);
  checkFidelity(options.fidelity, policy);
  const digest = bytesToHex(network.digest);
  const context: SessionContext = {
    commitment,
    knownSpent: options.knownSpent ?? [],
    allowTestOrigin: options.allowTestOrigin ?? false,
    allowDevKeys: options.allowDevKeys ?? false,
    network: (wanted) => (wanted === digest ? network : undefined),
  };
  const conversation = new Conversation({
    channel,
    context,
    party: 'judge',
    secretKey: key.secretKey,
  });
  if (options.journal) await conversation.attach(options.journal);
  const coins = draw('coins')(coinBytes);
  const first = (): JudgeHello => hello({ ...options, random: draw('nonce') }, coins);
  const greeted = await conversation.say(first, {
    beforeSending: (message) => {
      if (options.journal) checkSameHello(message, first());
    },
  });
  if (greeted.phase !== 'greeted') return conversation.record();
  const layout = layoutOf(network, parameters, keys);
  onStage?.({ kind: 'greeted' });
  const answered = await conversation.hear(policy.deadlineSeconds);
  if (answered.phase !== 'answered') return conversation.record();
  if (signal?.aborted) return stopped(conversation, options);
  if (unspentBatches(parameters, answered.ownerHello).length === 0) {
    await conversation.abort(allSpent(batchCount(parameters)));
    return conversation.record();
  }
  const challenged = await conversation.say(() =>
    judgeChallenge(answered, { commitment, coins, key }),
  );
  if (challenged.phase !== 'challenged') return conversation.record();
  onStage?.({ kind: 'challenged', batch: challenged.challenge.batch, size: parameters.batchSize });
  const digested = await conversation.hear(
    policy.deadlineSeconds + digestSeconds(layout, parameters.batchSize),
  );
  if (digested.phase !== 'digested') return conversation.record();
  if (signal?.aborted) return stopped(conversation, options);

  const pointed = await conversation.say(() => ({ coins: bytesToHex(draw('point')(coinBytes)) }));
  if (pointed.phase !== 'pointed') return conversation.record();
  const proofs = parameters.batchSize * proofsPerTrigger(layout) + 1;
  onStage?.({ kind: 'pointed', proofs });
  const shown = await conversation.hear(policy.deadlineSeconds + secondsPerProof * proofs);
  if (shown.phase !== 'shown') return conversation.record();
  onStage?.({ kind: 'shown', isProven: shown.isProven });
  const decision = decideWhiteBox(shown, parameters);
  const concluded = await conversation.say(() => ({ decision, finished: now().toISOString() }));
  if (concluded.phase === 'concluded') await conversation.hear(policy.deadlineSeconds);
  return conversation.record();
}

/** A second for every hundred blocks that the owner hashes. */
function digestSeconds({ blocks }: Layout, triggers: number): number {
  return Math.ceil((triggers * blocks) / 100);
}

function hello(options: WhiteBoxJudgeOptions, coins: Uint8Array) {
  const { commitment, network, keys, fidelity } = options;
  const file = (name: keyof WhiteBoxKeys): string => (keys[name] ? toBase64(keys[name].bytes) : '');
  return judgeHello(
    {
      ...options,
      labelMap: commitment.parameters.classNames.map((_, label) => label),
      whiteBox: {
        fidelity: { agreed: fidelity.agreed, asked: fidelity.asked },
        keys: {
          classification: file('classification'),
          fold: file('fold'),
          neurons: file('neurons'),
          threshold: file('threshold'),
        },
        network: bytesToHex(network.digest),
      },
    },
    coins,
  );
}
