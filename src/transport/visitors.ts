import { isIPv6 } from 'node:net';

const windowMs = 60_000;
/** Addresses that are remembered for their rate; with more the oldest is forgotten. */
const maxRemembered = 10_000;

/** Who is connected, and who came lately, by address. */
export class Visitors {
  readonly #most: { readonly perAddress: number; readonly perMinute: number };
  readonly #present = new Map<string, number>();
  readonly #lately = new Map<string, { since: number; count: number }>();

  constructor(most: { perAddress: number; perMinute: number }) {
    this.#most = most;
  }

  /** Lets a connection in, or says why not; whoever was let in calls `leave` once. */
  enter(address: string, now = performance.now()): { leave: () => void } | { refusal: string } {
    const place = network(address);
    const here = this.#present.get(place) ?? 0;
    if (here >= this.#most.perAddress) {
      return { refusal: `${here} connections of ${place} are open` };
    }
    if (this.#arrivals(place, now) > this.#most.perMinute) {
      return { refusal: `${place} connected more than ${this.#most.perMinute} times in a minute` };
    }
    this.#present.set(place, here + 1);
    return {
      leave: () => {
        const left = (this.#present.get(place) ?? 1) - 1;
        if (left > 0) this.#present.set(place, left);
        else this.#present.delete(place);
      },
    };
  }

  #arrivals(place: string, now: number): number {
    let lately = this.#lately.get(place);
    if (!lately || now - lately.since > windowMs) {
      lately = { since: now, count: 0 };
      this.#lately.delete(place);
      this.#lately.set(place, lately);
    }
    const [oldest] = this.#lately.keys();
    if (this.#lately.size > maxRemembered && oldest !== undefined) this.#lately.delete(oldest);
    return ++lately.count;
  }
}

/** An IPv4 address, or the /64 of an IPv6 address, of which one household has all. */
export function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
