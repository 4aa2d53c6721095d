import { expect } from 'chai';

import {
  checkAudit,
  encodeCommitment,
  labelSeed,
  openCommitment,
  openPair,
} from '../../src/commitment/index.js';
import { generateKeyPair } from '../../src/crypto/index.js';
import { defaultPolicy, threshold } from '../../src/protocol/index.js';
import { coded } from '../coded.js';
import { seeded, sharedClaim } from '../support/claim.js';

/** Attack: the owner tries commitments until labels, audit or batches please him. Each try costs a slow label seed. */
describe('a claim that was ground', () => {
  const { commitment, mark, owner } = sharedClaim();
  const { parameters, triggers } = commitment;
  const thief = generateKeyPair(seeded('thief'));

  it('needs a new label seed for whatever it varies', () => {
    const [first = 0n, ...others] = triggers;
    const varied = [
      { parameters, owner: owner.publicKey, triggers: [...others, first] },
      { parameters, owner: thief.publicKey, triggers },
      {
        parameters: { ...parameters, hidden: 80, audited: 48 },
        owner: owner.publicKey,
        triggers,
      },
    ];
    const seeds = new Set([commitment.labelSeed, ...varied.map(labelSeed)]);
    expect(seeds.size).to.equal(4);
  });

  it('cannot choose which pairs are audited', async () => {
    const [hidden = 0] = commitment.order.batches[0] ?? [];
    const audit = [...commitment.audit.slice(1), openPair(mark, hidden)].sort(
      (a, b) => a.index - b.index,
    );
    await coded('commitment.audit', () => {
      checkAudit({ ...commitment, audit });
    });
    await coded('commitment.audit', () => {
      checkAudit({ ...commitment, audit: commitment.audit.slice(1) });
    });
  });

  it('cannot be another owner’s commitment under one’s own key', async () => {
    const stolen = encodeCommitment({ ...commitment, owner: thief.publicKey }, thief.secretKey);
    await coded('commitment.audit', () => openCommitment(stolen));
  });

  it('is charged 40 bits', () => {
    const free = threshold(parameters, { ...defaultPolicy, grindingBits: 0 });
    expect([free, threshold(parameters, defaultPolicy)]).to.deep.equal([29, 36]);
  });
});
