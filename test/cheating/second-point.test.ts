import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import {
  type Challenge,
  decodeTranscript,
  type Message,
  type PointMessage,
  type Proofs,
  type SessionRecord,
} from '../../src/protocol/index.js';
import { FileWhiteBoxLedger } from '../../src/prover/index.js';
import { coded } from '../coded.js';
import { seeded } from '../support/claim.js';
import type { Cheat } from '../support/puppet.js';
import {
  type Changes,
  expectWhiteBox,
  simulatedKeys,
  SimulatedProver,
  simulatedSession,
} from '../support/simulated-white-box.js';
import { memorisingNetwork, whiteBoxClaim } from '../support/white-box.js';

/** Attack: a judge asks for the same committed neurons at two points, which gives two equations of secrets. */
describe('a judge who comes back for a second point', () => {
  const claim = whiteBoxClaim();
  const network = memorisingNetwork(claim, 3);
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-second-point-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** The owner's memory on disk, opened anew as after a restart. */
  const memory = async (cap = 64): Promise<FileWhiteBoxLedger> => {
    const ledger = new FileWhiteBoxLedger(folder, claim.commitment.digest, { cap });
    await ledger.approve(network);
    return ledger;
  };
  /** Other randomness each time: what is said again comes from the ledger and the mark. */
  let visits = 0;
  const visit = async (
    { judge, judgeSays, ownerSays }: Changes = {},
    cap = 64,
  ): Promise<{ owner: SessionRecord; judge?: SessionRecord; prover: SimulatedProver }> => {
    const prover = new SimulatedProver();
    const owner = {
      whiteBoxLedger: await memory(cap),
      whiteBoxProver: prover,
      random: seeded(`visit ${visits++}`),
    };
    const records = await simulatedSession(claim, network, {
      ...{ owner, judge: judge ?? {}, judgeSays: judgeSays ?? {}, ownerSays: ownerSays ?? {} },
    });
    if (!records.owner) throw records.error;
    return { ...records, owner: records.owner, prover };
  };
  /** The judge's own, drawn in their order: coins, nonce, point. */
  const draws = (names: readonly string[]) => {
    let drawn = 0;
    return (length: number): Uint8Array => seeded(names[drawn++] ?? 'later')(length);
  };
  const leave: Cheat<never> = async ({ close }) => {
    await close();
    return [];
  };
  const messages = ({ transcript }: SessionRecord): readonly Message[] =>
    decodeTranscript(transcript).messages;
  const said = (record: SessionRecord, type: string): unknown => {
    const message = messages(record).find((one) => one.type === type && one.from === 'owner');
    return JSON.parse(new TextDecoder().decode(message?.payload));
  };

  it('is refused, and nothing is proven', async () => {
    const first = await visit({ judge: { random: draws(['coins', 'nonce', 'point']) } });
    expect(first.owner.outcome.verdict).to.equal('proved');
    const second = await visit({ judge: { random: draws(['coins', 'nonce', 'point 2']) } });
    expect(second.prover.made).to.deep.equal([]);
    expect(messages(second.owner).slice(0, 4)).to.deep.equal(messages(first.owner).slice(0, 4));
    const ending = {
      verdict: 'not-proved',
      cause: 'ledger.second-point',
      fault: 'nobody',
    } as const;
    expectWhiteBox(second.owner, ending, { claim, network });
    expect(messages(second.owner).map(({ type }) => type)).not.to.include('proofs');
    expect(await (await memory()).count()).to.equal(1);
  });

  it('is refused as well where it left before the first proofs, or sends both at once', async () => {
    const left = await visit({
      judge: { random: draws(['coins', 'nonce', 'point']) },
      ownerSays: { proofs: leave },
    });
    expect(left.prover.made).to.have.length(13);
    const later = await visit({ judge: { random: draws(['coins', 'nonce', 'point 2']) } });
    expect(later.owner.outcome.cause).to.equal('ledger.second-point');
    expect(later.prover.made).to.deep.equal([]);
    const twice: Cheat<PointMessage> = ({ honest, sign }) => [
      honest,
      sign({ payload: { coins: '7'.repeat(64) } }),
    ];
    const both = await visit({
      judge: { random: draws(['other coins', 'nonce', 'point']) },
      judgeSays: { point: twice },
    });
    expect(both.prover.made).to.have.length(13);
    expect(messages(both.owner).filter(({ type }) => type === 'proofs')).to.have.length(1);
  });

  it('gets the same digests and the kept proofs for the same point', async () => {
    const random = (): ReturnType<typeof draws> => draws(['coins', 'nonce', 'point']);
    const left = await visit({ judge: { random: random() }, ownerSays: { proofs: leave } });
    expect(left.prover.made).to.have.length(13);
    const back = await visit({ judge: { random: random() } });
    expect(back.prover.made).to.deep.equal([]);
    expect(said(back.owner, 'digests')).to.deep.equal(said(left.owner, 'digests'));
    expectWhiteBox(
      back.owner,
      { verdict: 'proved', cause: '', fault: 'nobody' },
      { claim, network },
    );
    expect(await (await memory()).count()).to.equal(1);
    // The proofs are gone with the verdict; what they speak of is the same.
    const again = await visit({ judge: { random: random() } });
    expect(again.prover.made).to.have.length(13);
    const sums = (record: SessionRecord) =>
      (said(record, 'proofs') as Proofs).triggers.map(({ blocks, match }) => [
        match,
        ...blocks.map(({ sum }) => sum),
      ]);
    expect(sums(again.owner)).to.deep.equal(sums(back.owner));
  });

  it('has no second challenge in a session, and no other digests', async () => {
    // The hellos settle all of a challenge: its coins are committed to, they pick the batch, and no receipt is given.
    const random = (): ReturnType<typeof draws> => draws(['coins', 'nonce', 'point']);
    await visit({ judge: { random: random() } });
    const others: [(honest: Challenge) => Partial<Challenge>, string][] = [
      [() => ({ coins: '7'.repeat(64) }), 'challenge.coins'],
      [({ batch }) => ({ batch: 1 - batch }), 'challenge.batch'],
      [() => ({ receipt: '7'.repeat(128) }), 'challenge.receipt'],
    ];
    for (const [change, cause] of others) {
      const challenge: Cheat<Challenge> = ({ payload, sign }) => [
        sign({ payload: { ...payload, ...change(payload) } }),
      ];
      const { owner } = await visit({ judge: { random: random() }, judgeSays: { challenge } });
      expectWhiteBox(owner, { verdict: 'invalid', cause, fault: 'judge' }, { claim, network });
      expect(messages(owner).map(({ type }) => type)).not.to.include('digests');
    }
    // Where the rules had a gap, the ledger would still refuse.
    const ledger = await memory();
    const [entry, ...none] = await ledger.sessions();
    expect(none).to.deep.equal([]);
    const second = { ...entry!, challenge: '1'.repeat(64) };
    await coded('ledger.second-challenge', () => ledger.challenge(second));
    await ledger.challenge(entry!);
  });

  it('comes with a new session each time: not more often than the owner allows', async () => {
    for (const [name, cause] of [
      ['one', ''],
      ['two', ''],
      ['three', 'prove.cap'],
      ['one', ''],
    ] as const) {
      const random = draws([name, 'nonce', 'point']);
      const { owner, prover } = await visit({ judge: { random } }, 2);
      expect(owner.outcome.cause, name).to.equal(cause);
      expect(owner.outcome.verdict, name).to.equal(cause === '' ? 'proved' : 'inconclusive');
      expect(prover.made).to.have.length(cause === '' ? 13 : 0);
    }
    expect(await (await memory()).count()).to.equal(2);
  });

  it('brings a network that was not approved, or other keys: nothing is recorded or held against him', async () => {
    const strange = memorisingNetwork(claim, 2);
    const prover = new SimulatedProver();
    const whiteBoxLedger = await memory();
    const unapproved = await simulatedSession(claim, strange, {
      owner: { whiteBoxLedger, whiteBoxProver: prover },
    });
    const inconclusive = { verdict: 'inconclusive', fault: 'nobody' } as const;
    for (const record of [unapproved.judge, unapproved.owner]) {
      expectWhiteBox(
        record,
        { ...inconclusive, cause: 'prove.network' },
        { claim, network: strange },
      );
    }
    const own = new SimulatedProver(simulatedKeys('dev'));
    for (const whiteBoxProver of [own, undefined]) {
      const { judge, owner } = await simulatedSession(claim, network, {
        owner: { whiteBoxLedger, whiteBoxProver },
      });
      for (const record of [judge, owner]) {
        expectWhiteBox(record, { ...inconclusive, cause: 'prove.keys' }, { claim, network });
      }
    }
    expect([...prover.made, ...own.made]).to.deep.equal([]);
    expect(await whiteBoxLedger.sessions()).to.deep.equal([]);
  });
});
