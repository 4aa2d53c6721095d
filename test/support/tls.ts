import type { KeyPair } from '../../src/crypto/index.js';
import { generateKeyPair, systemRandom } from '../../src/crypto/index.js';
import type { Channel } from '../../src/protocol/index.js';
import {
  connectWebSocket,
  type Listener,
  listenWebSocket,
  makeTlsCredentials,
  type TlsCredentials,
  type TlsParty,
} from '../../src/transport/index.js';
import type { ListenOptions } from '../../src/transport/listen.js';
import { judgeKey } from './session.js';
import { seeded } from './claim.js';

export const host = '127.0.0.1';
export const tlsOwner: KeyPair = generateKeyPair(seeded('owner of a line'));
export const tlsJudge: KeyPair = judgeKey;

/** Credentials of an identity, made some days ago. */
export function credentials(identity: KeyPair, { age = 0, days = 30 } = {}): TlsCredentials {
  const now = new Date(Date.now() - age * 24 * 3600 * 1000);
  return makeTlsCredentials({ identity, now, days, random: systemRandom });
}

export const ownerCredentials = credentials(tlsOwner);
export const judgeCredentials = credentials(tlsJudge);

/** The owner's part on a line, for the judge of the tests. */
export function ownerParty(changes: Partial<TlsParty> = {}): TlsParty {
  return {
    identity: tlsOwner,
    credentials: ownerCredentials,
    pins: [tlsJudge.publicKey],
    now: () => new Date(),
    ...changes,
  };
}

export function judgeParty(changes: Partial<TlsParty> = {}): TlsParty {
  return {
    identity: tlsJudge,
    credentials: judgeCredentials,
    pins: [tlsOwner.publicKey],
    now: () => new Date(),
    ...changes,
  };
}

/** A prover's end, with what arrived and why others were turned away. */
export class Door {
  readonly refused: string[] = [];
  listener!: Listener;
  readonly #arrived: Channel[] = [];
  #waiting: ((channel: Channel) => void)[] = [];

  static async open(changes: Partial<ListenOptions> = {}): Promise<Door> {
    const door = new Door();
    door.listener = await listenWebSocket({
      host,
      port: 0,
      maxMessage: 100_000,
      maxConnections: 4,
      onChannel: (channel) => {
        const next = door.#waiting.shift();
        if (next) next(channel);
        else door.#arrived.push(channel);
      },
      onRefused: ({ code }) => door.refused.push(code),
      ...changes,
    });
    return door;
  }

  get port(): number {
    return this.listener.port;
  }

  /** The next channel that was let in. */
  next(): Promise<Channel> {
    const ready = this.#arrived.shift();
    return ready ? Promise.resolve(ready) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  connect(tls?: TlsParty): Promise<Channel> {
    const url = `${tls ? 'wss' : 'ws'}://${host}:${this.port}`;
    return connectWebSocket(url, { maxMessage: 100_000, seconds: 5, tls });
  }

  /** Waits until somebody was turned away for that reason. */
  async hasRefused(code: string): Promise<void> {
    const end = Date.now() + 5000;
    while (!this.refused.includes(code)) {
      if (Date.now() > end) throw new Error(`refused only ${this.refused.join()}, not ${code}`);
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  close(): Promise<void> {
    return this.listener.close();
  }
}
