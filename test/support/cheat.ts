import { expect } from 'chai';

import { canonicalBytes, type Json } from '../../src/base/index.js';
import {
  type Abort,
  type Acknowledgement,
  type Challenge,
  decodeTranscript,
  encodeTranscript,
  firstHead,
  type JudgeHello,
  type Message,
  nextHead,
  type Openings,
  type Outcome,
  type OwnerHello,
  type Party,
  type SessionRecord,
  signMessage,
  type Transcript,
  type Verdict,
} from '../../src/protocol/index.js';
import { type OwnerOptions, runOwner } from '../../src/prover/index.js';
import { memoryChannels } from '../../src/transport/index.js';
import {
  type JudgeOptions,
  runJudge,
  type VerificationReport,
  type VerifyOptions,
  verifyTranscript,
} from '../../src/verifier/index.js';
import { type Claim, sharedClaim, testPolicy } from './claim.js';
import { type Cheat, Puppet } from './puppet.js';
import { judgeKey, judgeOptions, ownerOptions } from './session.js';

export interface OwnerCheats {
  readonly hello?: Cheat<OwnerHello>;
  readonly openings?: Cheat<Openings>;
  readonly acknowledgement?: Cheat<Acknowledgement>;
  readonly abort?: Cheat<Abort>;
}

export interface JudgeCheats {
  readonly hello?: Cheat<JudgeHello>;
  readonly challenge?: Cheat<Challenge>;
  readonly verdict?: Cheat<Verdict>;
  readonly abort?: Cheat<Abort>;
}

interface Setting {
  readonly judge?: Partial<JudgeOptions>;
  readonly owner?: Partial<OwnerOptions>;
}

/** An honest judge against an owner who cheats; gives the judge's record. */
export async function cheatingOwner(
  claim: Claim,
  cheats: OwnerCheats,
  { judge = {}, owner = {} }: Setting = {},
): Promise<SessionRecord> {
  const [judgeEnd, ownerEnd] = memoryChannels();
  const puppet = new Puppet(ownerEnd, claim.owner.secretKey, { ...cheats });
  const cheat = runOwner({ ...ownerOptions(claim, puppet), ...owner }).catch(() => undefined);
  const record = await runJudge({ ...judgeOptions(claim, judgeEnd, judge.suspect), ...judge });
  await judgeEnd.close();
  await cheat;
  return record;
}

/** An honest owner against a judge who cheats; gives the owner's record. */
export async function cheatingJudge(
  claim: Claim,
  cheats: JudgeCheats,
  { judge = {}, owner = {} }: Setting = {},
): Promise<SessionRecord> {
  const [judgeEnd, ownerEnd] = memoryChannels();
  const puppet = new Puppet(judgeEnd, judgeKey.secretKey, { ...cheats });
  const cheat = runJudge({ ...judgeOptions(claim, puppet, judge.suspect), ...judge }).catch(
    () => undefined,
  );
  const record = await runOwner({ ...ownerOptions(claim, ownerEnd), ...owner });
  await ownerEnd.close();
  await cheat;
  return record;
}

export type Ending = Pick<Outcome, 'verdict' | 'cause' | 'fault'>;

/** Spares all but a few tests the slow label seed; for a transcript of another claim it is computed. */
const { commitment: opened } = sharedClaim();

/** Expects how a session ended, and that a stranger finds the same in its transcript. */
export function expectEnding(
  record: SessionRecord,
  ending: Ending,
  options: VerifyOptions = {},
): VerificationReport {
  const { verdict, cause, fault } = record.outcome;
  expect({ verdict, cause, fault }).to.deep.equal(ending);
  const report = verifyTranscript(record.transcript, { opened, policy: testPolicy, ...options });
  expect(report.outcome).to.deep.equal(record.outcome);
  return report;
}

/** Expects what a stranger finds in a file that no session wrote. */
export function expectFinding(file: Uint8Array, ending: Ending): VerificationReport {
  const report = verifyTranscript(file, { opened, policy: testPolicy });
  const { verdict, cause, fault } = report.outcome;
  expect({ verdict, cause, fault }).to.deep.equal(ending);
  return report;
}

/** The next message after some others, signed by whoever likes to. */
export function nextMessage(
  messages: readonly Message[],
  said: { readonly from: Party; readonly type: string; readonly payload: Json },
  secretKey: Uint8Array,
): Message {
  const unsigned = { ...said, seq: messages.length, payload: canonicalBytes(said.payload) };
  return signMessage(messages.reduce(nextHead, firstHead), unsigned, secretKey);
}

/** A transcript with its parts changed, its last line computed anew. */
export function rewrite(
  transcript: Uint8Array,
  change: (parts: Transcript) => Partial<Transcript>,
): Uint8Array {
  const parts = decodeTranscript(transcript);
  return encodeTranscript({ ...parts, ...change(parts) });
}
