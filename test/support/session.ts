import { type KeyPair, generateKeyPair } from '../../src/crypto/index.js';
import type { Channel, SessionRecord, Suspect } from '../../src/protocol/index.js';
import { type OwnerOptions, runOwner } from '../../src/prover/index.js';
import { memoryChannels } from '../../src/transport/index.js';
import { type JudgeOptions, runJudge } from '../../src/verifier/index.js';
import {
  type Claim,
  markedSuspect,
  MemoryLedger,
  seeded,
  testDecoys,
  testPolicy,
} from './claim.js';

export const judgeKey: KeyPair = generateKeyPair(seeded('judge'));
export const testTime = new Date('2026-01-02T03:04:05.678Z');

export function judgeOptions(
  claim: Claim,
  channel: Channel,
  suspect: Suspect = markedSuspect(claim),
): JudgeOptions {
  return {
    channel,
    commitment: claim.commitment,
    key: judgeKey,
    policy: testPolicy,
    suspect,
    decoys: testDecoys(),
    random: seeded('judge’s randomness'),
    now: () => testTime,
  };
}

export function ownerOptions(claim: Claim, channel: Channel): OwnerOptions {
  return {
    channel,
    commitment: claim.commitment,
    mark: claim.mark,
    key: claim.owner,
    ledger: new MemoryLedger(),
    patienceSeconds: 5,
    random: seeded('owner’s randomness'),
  };
}

/** Runs both sides in memory. */
export async function runSession(
  claim: Claim,
  changes: { judge?: Partial<JudgeOptions>; owner?: Partial<OwnerOptions> } = {},
): Promise<{ judge: SessionRecord; owner: SessionRecord }> {
  const [judgeEnd, ownerEnd] = memoryChannels();
  const [judge, owner] = await Promise.all([
    runJudge({ ...judgeOptions(claim, judgeEnd, changes.judge?.suspect), ...changes.judge }),
    runOwner({ ...ownerOptions(claim, ownerEnd), ...changes.owner }),
  ]);
  return { judge, owner };
}
