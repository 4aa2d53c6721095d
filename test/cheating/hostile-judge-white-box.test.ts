import { expect } from 'chai';

import { bytesToHex, toBase64 } from '../../src/base/index.js';
import { finishNetwork } from '../../src/network/index.js';
import {
  checkWhiteBoxHello,
  type Conclusion,
  type JudgeHello,
  type Policy,
  type SessionRecord,
} from '../../src/protocol/index.js';
import { verifyTranscript } from '../../src/verifier/index.js';
import { coded } from '../coded.js';
import { makeClaim, MemoryLedger, sharedClaim } from '../support/claim.js';
import { cheatingJudge, expectEnding, rewrite } from '../support/cheat.js';
import type { Cheat } from '../support/puppet.js';
import {
  expectWhiteBox,
  simulatedJudge,
  simulatedKey,
  simulatedKeys,
  SimulatedProver,
  simulatedSession,
} from '../support/simulated-white-box.js';
import { memorisingNetwork, smallPolicy, whiteBoxClaim } from '../support/white-box.js';

/** Attack: a judge whose first message breaks a rule of white box sessions, or who writes what was not proven. */
describe('a judge who cheats in a white box session', function () {
  this.timeout(60_000);
  const claim = whiteBoxClaim();
  const network = memorisingNetwork(claim, 3);

  const says =
    (change: (hello: Required<JudgeHello>) => object): Cheat<Required<JudgeHello>> =>
    ({ payload, sign }) => [sign({ payload: { ...payload, ...change(payload) } })];
  const whiteBox = (change: object) =>
    says((hello) => ({ whiteBox: { ...hello.whiteBox, ...change } }));
  const policy = (change: Partial<Policy>) =>
    says((hello) => ({ policy: { ...hello.policy, ...change } }));
  const foreign = simulatedKey('neurons', 'dev');

  const hellos: Record<string, [Cheat<Required<JudgeHello>>, string]> = {
    'names less fidelity than his policy asks': [
      whiteBox({ fidelity: { agreed: 98, asked: 100 } }),
      'hello.fidelity',
    ],
    'names a fidelity above one': [
      whiteBox({ fidelity: { agreed: 101, asked: 100 } }),
      'hello.fidelity',
    ],
    'names a fidelity on no images': [
      whiteBox({ fidelity: { agreed: 0, asked: 0 } }),
      'hello.fidelity',
    ],
    'names a network of another model than the suspect': [
      says((hello) => ({ suspect: { ...hello.suspect, identity: '0'.repeat(64) } })),
      'hello.network',
    ],
    'brings a key that his policy does not pin': [
      says(({ whiteBox: { keys, ...rest } }) => ({
        whiteBox: { ...rest, keys: { ...keys, neurons: toBase64(foreign.bytes) } },
      })),
      'hello.key',
    ],
    'pins a key that he does not bring': [
      policy({
        whiteBoxKeys: {
          ...simulatedJudge(claim, network).policy.whiteBoxKeys,
          fold: '1'.repeat(64),
        },
      }),
      'hello.key',
    ],
    'brings a key that the network does not need': [
      says(({ policy: asked, whiteBox: { keys, ...rest } }) => {
        const fold = simulatedKey('fold');
        const whiteBoxKeys = { ...asked.whiteBoxKeys, fold: bytesToHex(fold.digest) };
        return {
          policy: { ...asked, whiteBoxKeys },
          whiteBox: { ...rest, keys: { ...keys, fold: toBase64(fold.bytes) } },
        };
      }),
      'proof.instance',
    ],
    'brings a key of one circuit for another': [
      says(({ policy: asked, whiteBox: { keys, ...rest } }) => ({
        policy: {
          ...asked,
          whiteBoxKeys: { ...asked.whiteBoxKeys, neurons: asked.whiteBoxKeys.threshold },
        },
        whiteBox: { ...rest, keys: { ...keys, neurons: keys.threshold } },
      })),
      'proof.instance',
    ],
    'names no network': [
      ({ payload, sign }) => {
        const rest = Object.entries(payload).filter(([name]) => name !== 'whiteBox');
        return [sign({ payload: Object.fromEntries(rest) })];
      },
      'hello.mode',
    ],
    'asks for proofs of hidden pairs beside': [policy({ hiddenProofs: 3 }), 'hello.mode'],
    'maps a class to another': [
      says(({ labelMap: [one, two, ...rest] }) => ({ labelMap: [two, one, ...rest] })),
      'policy.label-map',
    ],
    'maps a class to none': [
      says(({ labelMap: [, ...rest] }) => ({ labelMap: [-1, ...rest] })),
      'hello.suspect',
    ],
    'leaves a class out': [
      says(({ labelMap, suspect }) => ({
        labelMap: labelMap.slice(1),
        suspect: { ...suspect, classes: 9 },
      })),
      'policy.label-map',
    ],
  };
  for (const [what, [hello, cause]] of Object.entries(hellos)) {
    it(`${what}: ${cause}, and he is at fault`, async () => {
      const whiteBoxProver = new SimulatedProver();
      const { owner } = await simulatedSession(claim, network, {
        judgeSays: { hello },
        owner: { whiteBoxProver },
      });
      expectWhiteBox(owner, { verdict: 'invalid', cause, fault: 'judge' }, { claim, network });
      expect(whiteBoxProver.made).to.deep.equal([]);
    });
  }

  it('is stopped before a session where the network does not do what the model does', async () => {
    for (const fidelity of [
      { agreed: 98, asked: 100 },
      { agreed: 0, asked: 0 },
    ]) {
      const { error, judge } = await simulatedSession(claim, network, {
        judge: { fidelity },
        owner: { patienceSeconds: 1 },
      });
      expect([judge, (error as { code: string }).code]).to.deep.equal([
        undefined,
        'network.fidelity',
      ]);
    }
  });

  it('is stopped where the network is of another model, the labels chosen, the keys for development', async () => {
    const code = async (judge: object, on = claim, about = network): Promise<string> => {
      const { error } = await simulatedSession(on, about, { judge, owner: { patienceSeconds: 1 } });
      return (error as { code: string }).code;
    };
    const { suspect } = simulatedJudge(claim, network);
    expect(await code({ suspect: { ...suspect, identity: 'another' } })).to.equal('hello.network');
    const shape = { height: 2, width: 2, channels: 1 };
    const chosen = makeClaim('chosen white box', {
      ...{ shape, hidden: 6, audited: 2, batchSize: 3 },
      labelMode: 'chosen',
    });
    expect(await code({}, chosen)).to.equal('hello.mode');
    const keys = simulatedKeys('dev');
    const pinned = { ...simulatedJudge(claim, network).policy, whiteBoxKeys: digests(keys) };
    expect(await code({ keys, policy: pinned })).to.equal('key.dev');
    expect(await code({ keys })).to.equal('hello.key');
    const other = finishNetwork({ ...network, A: 7 });
    expect(await code({}, claim, other)).to.equal('proof.instance');
  });

  it('maps a class to another: hello.suspect, whatever his policy allows for', async () => {
    const { judge } = await simulatedSession(claim, network);
    const { judgeHello } = judge!.session as unknown as { judgeHello: JudgeHello };
    const context = { commitment: claim.commitment, network: () => network };
    const check = (labelMap: number[]) => () => {
      checkWhiteBoxHello({ ...judgeHello, labelMap }, context, () => undefined);
    };
    check(judgeHello.labelMap)();
    await coded('hello.suspect', check(judgeHello.labelMap.toReversed()));
    await coded('hello.suspect', check(judgeHello.labelMap.slice(1)));
  });

  it('names a network in a black box session: hello.mode', async () => {
    const named = { fidelity: { agreed: 1, asked: 1 }, network: '0'.repeat(64) };
    const keys = { classification: '', fold: '', neurons: '', threshold: '' };
    const ledger = new MemoryLedger();
    const record = await cheatingJudge(
      sharedClaim(),
      {
        hello: ({ payload, sign }) => [
          sign({ payload: { ...payload, whiteBox: { ...named, keys } } }),
        ],
      },
      { owner: { ledger } },
    );
    expectEnding(record, { verdict: 'invalid', cause: 'hello.mode', fault: 'judge' });
    expect(ledger.spendings).to.deep.equal([]);
  });

  for (const [what, edit] of Object.entries({
    'that the threshold was proven where it was not': { verdict: 'proved' },
    'a smaller chance than was proven': { pValue: ['1', '1000000'] },
    'a higher threshold': { threshold: 3 },
    'a larger batch': { batch: 40 },
  })) {
    it(`writes ${what}: verdict.arithmetic`, async () => {
      const lost = memorisingNetwork(claim, 1);
      const verdict: Cheat<Conclusion> = ({ payload, sign }) => [
        sign({ payload: { ...payload, decision: { ...payload.decision, ...edit } } }),
      ];
      const { owner } = await simulatedSession(claim, lost, { judgeSays: { verdict } });
      const ending = { verdict: 'invalid', cause: 'verdict.arithmetic', fault: 'judge' } as const;
      expectWhiteBox(owner, ending, { claim, network: lost });
    });
  }

  describe('and a stranger who reads the transcript', () => {
    const opened = claim.commitment;
    let record: SessionRecord;
    before(async () => {
      const { judge, error } = await simulatedSession(claim, network);
      if (!judge) throw error;
      record = judge;
    });

    it('needs the network that the session is about', async () => {
      const read = (options: object) => () =>
        verifyTranscript(record.transcript, { opened, policy: smallPolicy, ...options });
      await coded('session.network', read({}));
      await coded('session.network', read({ network: memorisingNetwork(claim, 2) }));
      expect(read({ network })().outcome.verdict).to.equal('proved');
    });

    it('does not take keys, fidelity or a threshold that his own policy would not', async () => {
      const weak = { verdict: 'inconclusive', cause: 'policy.weak' };
      const { whiteBoxKeys } = smallPolicy;
      for (const own of [
        { ...smallPolicy, whiteBoxKeys: { ...whiteBoxKeys, threshold: '1'.repeat(64) } },
        { ...smallPolicy, whiteBoxKeys: digests(simulatedKeys('dev')) },
        { ...smallPolicy, alphaBits: 40 },
      ]) {
        const { outcome } = verifyTranscript(record.transcript, { opened, network, policy: own });
        expect(outcome).to.include(weak);
      }
      const { judge } = await simulatedSession(claim, network, {
        judge: {
          fidelity: { agreed: 95, asked: 100 },
          policy: { ...simulatedJudge(claim, network).policy, minimumFidelityPpm: 900_000 },
        },
      });
      expect(judge?.outcome.verdict).to.equal('proved');
      const options = { opened, network, policy: smallPolicy };
      expect(verifyTranscript(judge!.transcript, options).outcome).to.include(weak);
    });

    it('does not take a claim for lost that another threshold lost', async () => {
      const two = memorisingNetwork(claim, 2);
      const policy = { ...simulatedJudge(claim, two).policy, alphaBits: 5 };
      const { judge } = await simulatedSession(claim, two, { judge: { policy } });
      expect(judge?.outcome).to.include({ verdict: 'not-proved' });
      const read = (own: Policy) =>
        verifyTranscript(judge!.transcript, { opened, network: two, policy: own }).outcome;
      expect(read(smallPolicy)).to.include({ verdict: 'inconclusive', cause: 'policy.strict' });
      expect(read({ ...smallPolicy, alphaBits: 5 })).to.include({ verdict: 'not-proved' });
    });

    it('does not take development keys, unless he says so', async () => {
      const keys = simulatedKeys('dev');
      const pinned = { ...simulatedJudge(claim, network).policy, whiteBoxKeys: digests(keys) };
      const { judge } = await simulatedSession(claim, network, {
        judge: { keys, policy: pinned, allowDevKeys: true },
        owner: { whiteBoxProver: new SimulatedProver(keys) },
      });
      expect(judge?.outcome.verdict).to.equal('proved');
      const options = { opened, network, policy: smallPolicy };
      const { outcome } = verifyTranscript(judge!.transcript, options);
      expect(outcome).to.include({ verdict: 'invalid', cause: 'key.dev', fault: 'nobody' });
      const allowed = verifyTranscript(judge!.transcript, { ...options, allowDevKeys: true });
      expect(allowed.outcome.verdict).to.equal('proved');
    });

    it('does not believe an edited verdict', () => {
      const lie = rewrite(record.transcript, ({ messages }) => ({
        messages: messages.map((message) => {
          if (message.type !== 'verdict') return message;
          const text = new TextDecoder()
            .decode(message.payload)
            .replace('"proved"', '"not-proved"');
          return { ...message, payload: new TextEncoder().encode(text) };
        }),
      }));
      const { outcome } = verifyTranscript(lie, { opened, network, policy: smallPolicy });
      expect(outcome).to.include({ verdict: 'invalid', cause: 'message.signature' });
    });
  });
});

function digests(keys: ReturnType<typeof simulatedKeys>): Policy['whiteBoxKeys'] {
  return {
    classification: bytesToHex(keys.classification.digest),
    fold: '',
    neurons: bytesToHex(keys.neurons.digest),
    threshold: bytesToHex(keys.threshold.digest),
  };
}
