import { expect } from 'chai';

import { bytesToHex } from '../../src/base/index.js';
import type { HiddenProof } from '../../src/protocol/index.js';
import { openingInputs } from '../../src/proof/index.js';
import { type HiddenProver, runOwner } from '../../src/prover/index.js';
import { memoryChannels } from '../../src/transport/index.js';
import { runJudge } from '../../src/verifier/index.js';
import { MemoryLedger, sharedClaim } from '../support/claim.js';
import { cheatingOwner, expectEnding, type OwnerCheats } from '../support/cheat.js';
import {
  ceremonyKey,
  hiddenSetting,
  openingKey,
  policyWith,
  simulatedProof,
  simulatedProver,
} from '../support/hidden.js';
import { judgeOptions, ownerOptions, runSession } from '../support/session.js';

type Edit = (hidden: HiddenProof[]) => HiddenProof[];

describe('an owner who does not prove the pairs that stay hidden', function () {
  this.timeout(30_000);
  const zeros = '0'.repeat(512);
  const edits: Record<string, [Edit, string]> = {
    'sends no proofs': [() => [], 'openings.proofs'],
    'sends one less': [(hidden) => hidden.slice(1), 'openings.proofs'],
    'sends one twice': [
      ([first, ...rest]) => [first!, first!, ...rest.slice(1)],
      'openings.proofs',
    ],
    'sends them in another order': [(hidden) => hidden.toReversed(), 'openings.proofs'],
    'proves other pairs than the coins pick': [
      (hidden) => hidden.map(({ index, proof }) => ({ index: index + 1, proof })),
      'openings.proofs',
    ],
    'swaps the proofs of two pairs': [
      ([one, two, ...rest]) => [
        { index: one!.index, proof: two!.proof },
        { index: two!.index, proof: one!.proof },
        ...rest,
      ],
      'proof.false',
    ],
    'sends zeros': [
      ([first, ...rest]) => [{ index: first!.index, proof: zeros }, ...rest],
      'proof.point',
    ],
    'sends a proof of another session': [
      ([{ index } = { index: 0 }, ...rest]) => {
        const inputs = openingInputs(sharedClaim().commitment, index, new Uint8Array(32));
        return [{ index, proof: bytesToHex(simulatedProof(inputs)) }, ...rest];
      },
      'proof.false',
    ],
  };
  for (const [what, [edit, cause]] of Object.entries(edits)) {
    it(`${what}: ${cause}, and he is at fault`, async () => {
      const cheats: OwnerCheats = {
        openings: ({ payload, sign }) => [
          sign({ payload: { ...payload, hidden: edit(payload.hidden) } }),
        ],
      };
      const record = await cheatingOwner(sharedClaim(), cheats, hiddenSetting(3));
      expectEnding(record, { verdict: 'invalid', cause, fault: 'owner' });
    });
  }

  it('has no proving key, or another: nothing is spent', async () => {
    const { judge } = hiddenSetting(3);
    const other = simulatedProver(openingKey({ r1cs: new Uint8Array(64).fill(1) }));
    for (const hiddenProver of [undefined, other]) {
      const record = await runSession(sharedClaim(), { judge, owner: { hiddenProver } });
      const ending = { verdict: 'inconclusive', cause: 'prove.opening-key', fault: 'nobody' };
      expectEnding(record.judge, ending as never);
      expect(record.owner.session).to.have.nested.property('before.phase', 'greeted');
    }
  });
});

describe('a judge who leaves while the owner proves', () => {
  it('ends the work, and no batch is spent', async () => {
    const [judgeEnd, ownerEnd] = memoryChannels();
    const ledger = new MemoryLedger();
    const hiddenProver: HiddenProver = {
      keyDigest: ceremonyKey.digest,
      prove: (_, { signal }) =>
        new Promise((_, reject) => {
          signal!.addEventListener('abort', () => {
            reject(signal!.reason as Error);
          });
          void judgeEnd.close();
        }),
    };
    const [judge, owner] = await Promise.all([
      runJudge({ ...judgeOptions(sharedClaim(), judgeEnd), ...hiddenSetting(3).judge }),
      runOwner({ ...ownerOptions(sharedClaim(), ownerEnd), ledger, hiddenProver }),
    ]);
    expect(owner.outcome.cause).to.equal('peer.closed');
    expect(judge.outcome.cause).to.equal('peer.closed');
    expect(await ledger.spent()).to.deep.equal([]);
  });
});

describe('a judge’s key for proofs', () => {
  const refused = async (judge: object): Promise<unknown> =>
    runSession(sharedClaim(), { judge, owner: { hiddenProver: simulatedProver() } }).then(
      () => undefined,
      (error: unknown) => (error as { code: string }).code,
    );

  it('must be the one that his policy pins, of the right circuit, and not without need', async () => {
    const another = openingKey({ instance: 'opening-28x28x1-16' });
    const policy = policyWith(3);
    const { bytes } = ceremonyKey;
    expect(await refused({ policy, openingKey: another.bytes })).to.equal('hello.key');
    expect(await refused({ policy })).to.equal('key.format');
    expect(await refused({ policy, openingKey: bytes.subarray(1) })).to.equal('key.format');
    const foreign = { policy: policyWith(3, another), openingKey: another.bytes };
    expect(await refused(foreign)).to.equal('proof.instance');
    expect(await refused({ openingKey: bytes })).to.equal('hello.key');
    const idle = { ...policy, hiddenProofs: 'none' as const };
    expect(await refused({ policy: idle, openingKey: bytes })).to.equal('hello.key');
  });
});
