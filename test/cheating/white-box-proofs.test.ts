import { expect } from 'chai';

import type { Json } from '../../src/base/index.js';
import { withKeys } from '../../src/cli/white-box-keys.js';
import { fieldToHex } from '../../src/crypto/index.js';
import { zeroMatch, zeroSum } from '../../src/proof/index.js';
import type { Digests, Proofs } from '../../src/protocol/index.js';
import { seeded } from '../support/claim.js';
import {
  type Edits,
  editingOwner,
  expectWhiteBox,
  simulatedKey,
  simulatedKeys,
} from '../support/simulated-white-box.js';
import { memorisingNetwork, smallPolicy, whiteBoxClaim } from '../support/white-box.js';

type Trigger = Proofs['triggers'][number];

/** Attack: an owner who follows the protocol but for one lie in what he commits to or proves. */
describe('an owner who cheats in a white box session', function () {
  this.timeout(60_000);
  const claim = whiteBoxClaim();
  const network = memorisingNetwork(claim, 3);

  const first = (change: (one: Trigger, other: Trigger) => Json) => (proofs: Proofs) => {
    const [one, other, ...rest] = proofs.triggers;
    return { ...proofs, triggers: [change(one!, other!), other!, ...rest] };
  };
  const block = (change: (one: Trigger['blocks'][number]) => Json) =>
    first((one) => ({ ...one, blocks: [change(one.blocks[0]!), ...one.blocks.slice(1)] }));
  const swapped =
    (swap: (one: Trigger, other: Trigger) => Partial<Trigger>) => (proofs: Proofs) => {
      const [one, other, ...rest] = proofs.triggers;
      const changed = [
        { ...one!, ...swap(one!, other!) },
        { ...other!, ...swap(other!, one!) },
      ];
      return { ...proofs, triggers: [...changed, ...rest] };
    };
  const digests =
    (change: (one: Digests['triggers'][number], other: Digests['triggers'][number]) => object) =>
    ({ triggers: [one, other, ...rest] }: Digests): Digests => ({
      triggers: [
        { ...one!, ...change(one!, other!) },
        { ...other!, ...change(other!, one!) },
        ...rest,
      ],
    });
  const zeros = '0'.repeat(512);
  const ones = 'f'.repeat(64);

  const cheats: Record<string, [Edits, string]> = {
    'swaps the blocks of two triggers': [
      { proofs: swapped((_, { blocks }) => ({ blocks })) },
      'proof.false',
    ],
    'swaps the partial sums of two triggers': [
      {
        proofs: swapped(({ blocks }, other) => ({
          blocks: blocks.map(({ proof }, i) => ({ proof, sum: other.blocks[i]!.sum })),
        })),
      },
      'proof.false',
    ],
    'swaps two partial sums of a trigger': [
      {
        proofs: first(({ blocks, ...one }) => {
          const sums = blocks.map(({ sum }) => sum).toReversed();
          return { ...one, blocks: blocks.map(({ proof }, i) => ({ proof, sum: sums[i]! })) };
        }),
      },
      'proof.false',
    ],
    'swaps two blocks of a trigger': [
      { proofs: first(({ blocks, ...one }) => ({ ...one, blocks: blocks.toReversed() })) },
      'proof.false',
    ],
    'swaps the match commitments of two triggers': [
      { proofs: swapped((_, { match }) => ({ match })) },
      'proof.false',
    ],
    'swaps the proofs of classification of two triggers': [
      { proofs: swapped((_, { proof }) => ({ proof })) },
      'proof.false',
    ],
    'swaps all proofs of two triggers': [
      { proofs: swapped((_, { blocks, match, proof }) => ({ blocks, match, proof })) },
      'proof.false',
    ],
    'proves the neurons of another trigger': [
      { digests: digests((_, { neurons }) => ({ neurons })) },
      'proof.false',
    ],
    'proves the logits of another trigger': [
      { digests: digests((_, { logits }) => ({ logits })) },
      'proof.false',
    ],
    'shows the proofs of one good trigger for all': [
      {
        proofs: ({ triggers, ...rest }) => ({
          ...rest,
          triggers: triggers.map(({ index }) => ({ ...triggers[0]!, index })),
        }),
      },
      'proof.false',
    ],
    'shows a proof of one circuit for another’s': [
      { proofs: first((one) => ({ ...one, proof: one.blocks[0]!.proof })) },
      'proof.false',
    ],
    'shows a proof of a trigger for the threshold': [
      { proofs: ({ triggers }) => ({ triggers, threshold: triggers[0]!.proof }) },
      'proof.false',
    ],
    'leaves out a trigger': [
      { proofs: ({ triggers, ...rest }) => ({ ...rest, triggers: triggers.slice(1) }) },
      'proofs.layout',
    ],
    'proves a trigger twice': [
      {
        proofs: ({ triggers: [one, , ...rest], threshold }) => ({
          threshold,
          triggers: [one!, one!, ...rest],
        }),
      },
      'proofs.layout',
    ],
    'proves the triggers in another order': [
      { proofs: ({ triggers, ...rest }) => ({ ...rest, triggers: triggers.toReversed() }) },
      'proofs.layout',
    ],
    'adds a trigger': [
      {
        proofs: ({ triggers, ...rest }) => ({ ...rest, triggers: [...triggers, triggers[0]!] }),
      },
      'proofs.layout',
    ],
    'leaves out a block': [
      { proofs: first(({ blocks, ...one }) => ({ ...one, blocks: blocks.slice(1) })) },
      'proofs.layout',
    ],
    'adds a block': [
      { proofs: first(({ blocks, ...one }) => ({ ...one, blocks: [...blocks, blocks[0]!] })) },
      'proofs.layout',
    ],
    'adds a fold': [
      { proofs: first(({ blocks, ...one }) => ({ ...one, blocks, folds: [blocks[0]!] })) },
      'proofs.layout',
    ],
    'commits to the sum of unused places': [
      { proofs: block((one) => ({ ...one, sum: fieldToHex(zeroSum) })) },
      'proofs.zero',
    ],
    'commits to the match of unused places': [
      { proofs: first((one) => ({ ...one, match: fieldToHex(zeroMatch) })) },
      'proofs.zero',
    ],
    'commits to what is no field element': [
      { proofs: block((one) => ({ ...one, sum: ones })) },
      'encoding.field',
    ],
    'sends zeros for a block’s proof': [
      { proofs: block((one) => ({ ...one, proof: zeros })) },
      'proof.point',
    ],
    'sends zeros for the threshold’s': [
      { proofs: (proofs) => ({ ...proofs, threshold: zeros }) },
      'proof.point',
    ],
    'sends noise for a proof of classification': [
      { proofs: first((one) => ({ ...one, proof: 'a5'.repeat(256) })) },
      'proof.point',
    ],
    'sends a proof of another length': [
      { proofs: first((one) => ({ ...one, proof: one.proof.slice(2) })) },
      'message.format',
    ],
    'leaves the digests of a trigger out': [
      { digests: ({ triggers }) => ({ triggers: triggers.slice(1) }) },
      'digests.layout',
    ],
    'leaves the digest of a block out': [
      { digests: digests(({ neurons }) => ({ neurons: neurons.slice(1) })) },
      'digests.layout',
    ],
    'gives digests for another trigger': [
      { digests: digests((_, { index }) => ({ index })) },
      'digests.layout',
    ],
    'gives the digests of one trigger twice': [
      { digests: digests(({ index }, one) => (index < one.index ? {} : { ...one, index })) },
      'digests.repeated',
    ],
    'gives a digest that is no field element': [
      { digests: digests(() => ({ logits: ones })) },
      'encoding.field',
    ],
  };
  for (const [what, [edits, cause]] of Object.entries(cheats)) {
    it(`${what}: ${cause}, and he is at fault`, async () => {
      const record = await editingOwner(claim, network, edits);
      expectWhiteBox(record, { verdict: 'invalid', cause, fault: 'owner' }, { claim, network });
    });
  }

  it('is believed where he tells the truth, and proves nothing where he declines', async () => {
    const honest = await editingOwner(claim, network, {});
    const nobody = { cause: '', fault: 'nobody' } as const;
    expectWhiteBox(honest, { verdict: 'proved', ...nobody }, { claim, network });
    const declined = await editingOwner(claim, network, { declines: true });
    const report = expectWhiteBox(
      declined,
      { verdict: 'not-proved', ...nobody },
      { claim, network },
    );
    expect(report.outcome.whiteBox?.verdict).to.equal('not-proved');
  });

  for (const [stops, verdict] of [
    ['greeted', 'inconclusive'],
    ['answered', 'not-proved'],
    ['challenged', 'not-proved'],
    ['digested', 'not-proved'],
    ['pointed', 'not-proved'],
  ] as const) {
    it(`stops once the session is ${stops}: ${verdict}`, async () => {
      const record = await editingOwner(claim, network, { stops });
      const ending = { verdict, cause: 'owner.failed', fault: 'nobody' } as const;
      expectWhiteBox(record, ending, { claim, network });
    });
  }

  it('cheats where partial sums are folded', async () => {
    const large = memorisingNetwork(claim, 3, 20);
    const keys = { ...simulatedKeys(), fold: simulatedKey('fold') };
    const judge = { keys, policy: withKeys(smallPolicy, keys) };
    const settle = async (edits: Edits, cause: string): Promise<void> => {
      const record = await editingOwner(claim, large, edits, judge);
      const ending = { verdict: 'invalid', cause, fault: 'owner' } as const;
      expectWhiteBox(record, ending, { claim, network: large });
    };
    const honest = await editingOwner(claim, large, {}, judge);
    const proved = { verdict: 'proved', cause: '', fault: 'nobody' } as const;
    expectWhiteBox(honest, proved, { claim, network: large });
    const zero = fieldToHex(zeroSum);
    const otherFolds = swapped((_, { folds }) => ({ folds }));
    const otherSums = swapped(({ folds }, other) => ({
      folds: folds.map(({ proof }, i) => ({ proof, sum: other.folds[i]!.sum })),
    }));
    const noFold = first((one) => ({ ...one, folds: [] }));
    const zeroFold = first(({ folds, ...one }) => ({
      ...one,
      folds: folds.map(({ proof }) => ({ proof, sum: zero })),
    }));
    await settle({ proofs: otherFolds }, 'proof.false');
    await settle({ proofs: otherSums }, 'proof.false');
    await settle({ proofs: noFold }, 'proofs.layout');
    await settle({ proofs: zeroFold }, 'proofs.zero');
  });

  /** The honest proofs of a session, and the judge's random bytes in it. */
  const proofsOf = async (judge: object): Promise<{ batch: readonly number[]; proofs: Proofs }> => {
    let said: Proofs | undefined;
    const proofs = (honest: Proofs): Proofs => (said = honest);
    await editingOwner(claim, network, { proofs }, judge);
    return { batch: said!.triggers.map(({ index }) => index), proofs: said! };
  };

  it('shows the proofs of another point: proof.false', async () => {
    const { proofs } = await proofsOf({});
    const [random, other] = [seeded('white box judge'), seeded('another point')];
    let draws = 0;
    const late = (length: number): Uint8Array => (++draws < 3 ? random(length) : other(length));
    const record = await editingOwner(claim, network, { proofs: () => proofs }, { random: late });
    const ending = { verdict: 'invalid', cause: 'proof.false', fault: 'owner' } as const;
    expectWhiteBox(record, ending, { claim, network });
  });

  it('shows the proofs of another session on the same batch: proof.false', async () => {
    const { batch, proofs } = await proofsOf({});
    let name = '';
    for (let i = 0, same = false; !same; i++) {
      name = `session ${i}`;
      same = (await proofsOf({ random: seeded(name) })).batch.join() === batch.join();
    }
    const random = seeded(name);
    const record = await editingOwner(claim, network, { proofs: () => proofs }, { random });
    const ending = { verdict: 'invalid', cause: 'proof.false', fault: 'owner' } as const;
    expectWhiteBox(record, ending, { claim, network });
  });
});
