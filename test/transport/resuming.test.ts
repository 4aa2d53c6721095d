import { expect } from 'chai';

import { EnvironmentError } from '../../src/base/index.js';
import type { Channel } from '../../src/protocol/index.js';
import { memoryChannels, ResumingChannel } from '../../src/transport/index.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const text = (message: Uint8Array): string => Buffer.from(message).toString();

/** A peer that answers as told, on each connection anew; `undefined` hangs up. */
function peers(...scripts: (string | undefined)[][]) {
  const heard: string[][] = [];
  const connect = async (): Promise<Channel> => {
    const script = scripts.shift();
    if (!script) throw new EnvironmentError({ code: 'peer.unreachable', message: 'nobody' });
    const [own, other] = memoryChannels();
    const said: string[] = [];
    heard.push(said);
    void (async () => {
      for (const answer of script) {
        said.push(text(await other.receive(10)));
        if (answer === undefined) await other.close();
        else await other.send(bytes(answer));
      }
    })().catch(() => undefined);
    return Promise.resolve(own);
  };
  return { connect, heard };
}

describe('a channel that connects again', function () {
  this.timeout(20_000);

  it('sends again what it sent, passes over what it heard before, and goes on', async () => {
    const { connect, heard } = peers(['A', undefined], ['A', 'B']);
    let lost = 0;
    const channel = new ResumingChannel(connect, {
      onLost: () => {
        lost++;
      },
    });
    await channel.send(bytes('a'));
    expect(text(await channel.receive(5))).to.equal('A');
    await channel.send(bytes('b'));
    expect(text(await channel.receive(15))).to.equal('B');
    expect(heard).to.deep.equal([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(lost).to.equal(1);
  });

  it('passes on what the peer says in place of what it said before', async () => {
    const { connect } = peers(['A', undefined], ['other']);
    const channel = new ResumingChannel(connect);
    await channel.send(bytes('a'));
    await channel.receive(5);
    await channel.send(bytes('b'));
    expect(text(await channel.receive(15))).to.equal('other');
  });

  it('takes whoever answers in the peer’s place for nobody, and waits for the peer', async () => {
    const { connect } = peers(['A', undefined], ['A', 'B']);
    const strangers = ['tls.pin', 'tls.preface', 'tls.handshake', 'peer.silent'];
    let lines = 0;
    const channel = new ResumingChannel(async () => {
      const code = lines++ === 0 ? undefined : strangers.shift();
      if (code !== undefined) throw new EnvironmentError({ code, message: 'somebody else' });
      return connect();
    });
    await channel.send(bytes('a'));
    expect(text(await channel.receive(5))).to.equal('A');
    await channel.send(bytes('b'));
    expect(text(await channel.receive(15))).to.equal('B');
    expect(strangers).to.deep.equal([]);
  });

  it('uses a connection that is there already', async () => {
    const { connect } = peers(['A']);
    const first = await connect();
    const channel = new ResumingChannel(connect, { first });
    await channel.send(bytes('a'));
    expect(text(await channel.receive(5))).to.equal('A');
  });

  it('gives up when the time is over, and passes on what is no lost connection', async () => {
    const { connect } = peers(['A', undefined]);
    const channel = new ResumingChannel(connect);
    await channel.send(bytes('a'));
    await channel.receive(5);
    await channel.send(bytes('b'));
    const failed = await channel.receive(4).catch((error: unknown) => error);
    expect(failed).to.include({ code: 'peer.silent' });
    const silent = new ResumingChannel(() => Promise.resolve(memoryChannels()[0]));
    await silent.send(bytes('a'));
    expect(await silent.receive(0.2).catch((error: unknown) => error)).to.include({
      code: 'peer.silent',
    });
  });
});
