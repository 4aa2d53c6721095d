import type { IntegerNetwork } from '../../src/network/index.js';
import {
  advance,
  decodeTranscript,
  isLive,
  type LiveSession,
  type Message,
  newSession,
  type Session,
  type SessionContext,
  type SessionRecord,
} from '../../src/protocol/index.js';
import { type OwnerOptions, runOwner } from '../../src/prover/index.js';
import type { JudgeOptions } from '../../src/verifier/index.js';
import { memoryChannels } from '../../src/transport/index.js';
import { runJudge } from '../../src/verifier/index.js';
import { type Claim, markedSuspect } from '../support/claim.js';
import { judgeKey, judgeOptions, ownerOptions } from '../support/session.js';
import { simulatedSession } from '../support/simulated-white-box.js';
import { memorisingNetwork, smallPolicy, whiteBoxClaim } from '../support/white-box.js';

/** An honest session with the state before each of its messages. */
export interface HonestSession {
  readonly messages: readonly Message[];
  readonly states: readonly LiveSession[];
}

/** Both modes on one small claim: 2×2 images, two batches of three. */
export interface Sessions {
  readonly claim: Claim;
  /** Of the white box sessions. */
  readonly network: IntegerNetwork;
  readonly context: SessionContext;
  readonly honest: readonly HonestSession[];
}

export const judgeSecret = judgeKey.secretKey;

let made: Promise<Sessions> | undefined;

/** Made by the product, once a process, so that it follows every change of the protocol. */
export function sessions(): Promise<Sessions> {
  made ??= make();
  return made;
}

async function make(): Promise<Sessions> {
  const claim = whiteBoxClaim();
  const network = memorisingNetwork(claim);
  const context: SessionContext = {
    commitment: claim.commitment,
    allowDevKeys: true,
    network: () => network,
  };
  const [judgeEnd, ownerEnd] = memoryChannels();
  const [blackBox] = await Promise.all([
    runJudge({ ...smallJudge(claim), channel: judgeEnd }),
    runOwner({ ...smallOwner(claim), channel: ownerEnd }),
  ]);
  const { judge: whiteBox, error } = await simulatedSession(claim, network);
  if (!whiteBox) throw new Error('no white box session', { cause: error });
  return {
    claim,
    network,
    context,
    honest: [blackBox, whiteBox].map((record) => replayed(record, context)),
  };
}

/** What the options below need but is replaced. */
const [nowhere] = memoryChannels();

/** A black box judge of the small claim, whose suspect answers as told: all right, by default. */
export function smallJudge(claim: Claim, suspect = markedSuspect(claim)): JudgeOptions {
  const options = judgeOptions(claim, nowhere, {
    ...suspect,
    descriptor: { ...suspect.descriptor, shape: '2x2x1' },
  });
  const policy = { ...smallPolicy, decoysPerTrigger: 0, deadlineSeconds: 1 };
  return { ...options, policy, decoys: [] };
}

/** The owner of the small claim. */
export function smallOwner(claim: Claim): OwnerOptions {
  const options = ownerOptions(claim, nowhere);
  return { ...options, patienceSeconds: 1 };
}

function replayed({ transcript }: SessionRecord, context: SessionContext): HonestSession {
  const { messages } = decodeTranscript(transcript);
  const states: LiveSession[] = [];
  let state: Session = newSession;
  for (const message of messages) {
    if (!isLive(state)) throw new Error('a message after the end');
    states.push(state);
    state = advance(state, message, context);
  }
  return { messages, states };
}
