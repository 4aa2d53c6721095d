import { expect } from 'chai';

import { Offers } from '../../src/prover/index.js';
import { coded } from '../coded.js';
import { spending } from './spending.js';

const patient = { seconds: 5, signal: undefined };
const hurried = { seconds: 0.02, signal: undefined };

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, 5));
}

describe('the offers of a process', () => {
  it('let one session in at a time, in the order of asking, failures included', async () => {
    const offers = new Offers();
    const seen: number[] = [];
    let inside = 0;
    const turns = [0, 1, 2, 3].map((number) =>
      offers.turn(patient, async () => {
        expect(++inside).to.equal(1);
        await pause();
        inside--;
        seen.push(number);
        if (number === 1) throw new Error('its own trouble');
      }),
    );
    const outcomes = await Promise.allSettled(turns);
    expect(outcomes.map(({ status }) => status === 'fulfilled')).to.deep.equal([
      true,
      false,
      true,
      true,
    ]);
    expect(seen).to.deep.equal([0, 1, 2, 3]);
  });

  it('tell one whose turn does not come, and do not keep its place', async () => {
    const offers = new Offers();
    let leave: () => void = () => undefined;
    const first = offers.turn(patient, () => new Promise<void>((resolve) => (leave = resolve)));
    const gone = new AbortController();
    const hungUp = offers.turn({ seconds: 5, signal: gone.signal }, () => expect.fail());
    const last = offers.turn(patient, () => Promise.resolve('served'));
    await coded('prove.busy', () => offers.turn(hurried, () => expect.fail()));
    gone.abort(new Error('hung up'));
    expect(await hungUp.catch((error: unknown) => error)).to.have.property('message', 'hung up');
    leave();
    await first;
    expect(await last).to.equal('served');
  });

  it('hold a batch until it is let go', async () => {
    const offers = new Offers();
    const release = offers.hold(spending(2, 1));
    expect(offers.held.map(({ batch }) => batch)).to.deep.equal([2]);
    await coded('prove.busy', () => offers.released(hurried));
    const waiting = offers.released(patient);
    release();
    await waiting;
    expect(offers.held).to.have.length(0);
  });

  it('keep a turn for one whose line was cut, and not longer however often it comes back', async () => {
    const offers = new Offers({ returnSeconds: 0.2 });
    const cut = new Error('cut');
    const back = { name: 'a', isCut: (error: unknown) => error === cut };
    const seen: string[] = [];
    const visit = (name: string) =>
      offers
        .turn(
          patient,
          async (used) => {
            seen.push(used > 0.01 ? `${name} again` : name);
            await pause();
            throw cut;
          },
          { ...back, name },
        )
        .catch((error: unknown) => expect(error).to.equal(cut));
    await visit('a');
    const other = offers.turn(patient, () => Promise.resolve(seen.push('b')));
    const began = performance.now();
    while (!seen.includes('b')) {
      expect(performance.now() - began, 'b never has its turn').to.be.below(2000);
      await new Promise((done) => setTimeout(done, 20));
      await visit('a');
    }
    await other;
    expect(seen[0]).to.equal('a');
    expect(seen[1]).to.equal('a again');
    // A failure of another kind ends its turn at once.
    const failed = offers.turn(patient, () => Promise.reject(new Error('its own')), back);
    await failed.catch(() => undefined);
    expect(await offers.turn(hurried, () => Promise.resolve('free'))).to.equal('free');
  });
});
