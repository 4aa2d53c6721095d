import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import {
  bytesToHex,
  EnvironmentError,
  EvidenceError,
  InputError,
  unreachable,
} from '../base/index.js';
import { readFileLimited, withLock, writeFileAtomic } from '../files/index.js';
import type { IntegerNetwork } from '../network/index.js';
import type { OwnerHello } from '../protocol/index.js';
import { ApprovedNetworks } from './approved-networks.js';
import { type FileCounter, lostSessions, mergeSessions, restored } from './counter.js';
import { KeptProofs } from './kept-proofs.js';
import {
  admitChallenge,
  admitPoint,
  pointedCount,
  type WhiteBoxChallenge,
  type WhiteBoxLedger,
  type WhiteBoxSession,
} from './white-box-ledger.js';
import {
  decodeWhiteBoxLedger,
  encodeWhiteBoxLedger,
  type WhiteBoxMemory,
} from './white-box-ledger-file.js';

/** Judges' hellos that are answered in all: whoever knows an approved network could otherwise fill the disk with them. */
const maxHellos = 50_000;

/**
 * The memory of white box sessions as a folder beside the mark, which nobody else can enter: `ledger.veilmark`, approved networks
 * below `networks/`, proofs of running sessions below `sessions/`. A folder that is not there is an empty memory.
 */
export class FileWhiteBoxLedger implements WhiteBoxLedger {
  readonly #folder: string;
  readonly #path: string;
  readonly #commitment: string;
  readonly #cap: number;
  readonly #counter: FileCounter | undefined;
  readonly #networks: ApprovedNetworks;
  readonly #proofs: KeptProofs;

  /**
   * `cap` is how many sessions may have a point in all. With a `counter` that is kept elsewhere, a memory restored from an older copy
   * is refused (`InputError` `ledger.restored`).
   */
  constructor(
    folder: string,
    commitment: Uint8Array,
    { cap, counter }: { cap: number; counter?: FileCounter },
  ) {
    this.#folder = folder;
    this.#path = join(folder, 'ledger.veilmark');
    this.#commitment = bytesToHex(commitment);
    this.#cap = cap;
    this.#counter = counter;
    this.#networks = new ApprovedNetworks(join(folder, 'networks'));
    this.#proofs = new KeptProofs(join(folder, 'sessions'));
  }

  network(digest: string): IntegerNetwork | undefined {
    return this.#networks.find(digest);
  }

  /** Keeps a copy of a network's file: from now on sessions about it are answered. */
  async approve(network: IntegerNetwork): Promise<void> {
    await this.#makeFolder();
    await this.#networks.add(network);
  }

  /** Digests of the approved networks, in hexadecimal, ascending. */
  approved(): Promise<string[]> {
    return this.#networks.digests();
  }

  /** All sessions that had a challenge, in their order. */
  async sessions(): Promise<readonly WhiteBoxSession[]> {
    return (await this.#read()).sessions;
  }

  /** Begins to count what the memory holds. */
  async countSessions(): Promise<void> {
    const { sessions } = await this.#read();
    await this.#counter?.record({ spendings: [], sessions });
  }

  /** Takes from the counter what a restored or lost memory lacks; gives the number of sessions. */
  async rebuild(): Promise<number> {
    const counted = await this.#counter?.read();
    if (!counted || counted.sessions.length === 0) return 0;
    await this.#makeFolder();
    return withLock(this.#path, async () => {
      const memory = await this.#readFile();
      const lost = lostSessions(counted, memory.sessions);
      if (lost.length === 0) return 0;
      const sessions = mergeSessions(memory.sessions, lost);
      await this.#write({ ...memory, sessions: [...sessions] });
      return lost.length;
    });
  }

  async greet(judgeHead: string, hello: OwnerHello): Promise<OwnerHello> {
    let answer = hello;
    await this.#change(({ hellos, sessions, ...rest }) => {
      const known = hellos.find(({ head }) => head === judgeHead);
      if (known) {
        answer = known.hello;
        return undefined;
      }
      if (hellos.length >= maxHellos) throw capReached(`${maxHellos} judges’ hellos`);
      // Before the challenge, so that a judge who comes too late has nothing against the owner.
      if (pointedCount(sessions) >= this.#cap) throw capReached(`${this.#cap} white box sessions`);
      return { ...rest, sessions, hellos: [...hellos, { head: judgeHead, hello }] };
    });
    return answer;
  }

  async challenge(entry: WhiteBoxChallenge): Promise<void> {
    await this.#change((memory) => {
      const { sessions } = memory;
      const admission = admitChallenge(sessions, entry);
      switch (admission) {
        case 'known':
          return undefined;
        case 'new':
          return { ...memory, sessions: [...sessions, { ...entry, point: '' }] };
        case 'second-challenge':
          throw new EvidenceError({
            code: 'ledger.second-challenge',
            message: 'this session has had another challenge; it is answered once, for ever',
          });
        default:
          throw unreachable(admission);
      }
    });
  }

  async point(entry: Pick<WhiteBoxSession, 'session' | 'point'>): Promise<void> {
    await this.#change((memory) => {
      const { sessions } = memory;
      const admission = admitPoint(sessions, entry, this.#cap);
      switch (admission) {
        case 'known':
          return undefined;
        case 'new': {
          const { session, point } = entry;
          const pointed = sessions.map((one) =>
            one.session === session ? { ...one, point } : one,
          );
          return { ...memory, sessions: pointed };
        }
        case 'second-point':
          throw new EvidenceError({
            code: 'ledger.second-point',
            message: 'this session has had another point; it is answered once, for ever',
          });
        case 'no-challenge':
          throw new EvidenceError({
            code: 'ledger.no-challenge',
            message: 'this session has had no challenge, so that no point can follow',
          });
        case 'cap':
          throw capReached(`${this.#cap} white box sessions`);
        default:
          throw unreachable(admission);
      }
    });
  }

  async count(): Promise<number> {
    return pointedCount((await this.#read()).sessions);
  }

  recall(session: string, name: string): Promise<Uint8Array | undefined> {
    return this.#proofs.recall(session, name);
  }

  async keep(session: string, name: string, proof: Uint8Array): Promise<void> {
    await this.#makeFolder();
    await this.#proofs.keep(session, name, proof);
  }

  forget(session: string): Promise<void> {
    return this.#proofs.forget(session);
  }

  /** Writes what `decide` makes of the memory; nothing where it gives nothing. One process at a time. */
  async #change(decide: (memory: WhiteBoxMemory) => WhiteBoxMemory | undefined): Promise<void> {
    await this.#makeFolder();
    await withLock(this.#path, async () => {
      const memory = await this.#read();
      const changed = decide(memory);
      if (changed) await this.#write(changed);
      const { sessions } = changed ?? memory;
      await this.#counter?.record({ spendings: [], sessions });
    });
  }

  async #write(memory: WhiteBoxMemory): Promise<void> {
    await writeFileAtomic(this.#path, encodeWhiteBoxLedger(memory), { mode: 0o600 });
  }

  async #read(): Promise<WhiteBoxMemory> {
    const memory = await this.#readFile();
    const lost = lostSessions(await this.#counter?.read(), memory.sessions);
    if (lost.length > 0) {
      throw restored(this.#path, `${lost.length} white box sessions went on since`);
    }
    return memory;
  }

  async #readFile(): Promise<WhiteBoxMemory> {
    const empty = { commitment: this.#commitment, hellos: [], sessions: [] };
    const what = 'ledger of white box sessions';
    const file = await readFileLimited(this.#path, { limit: 2 ** 28, what }).catch(
      (error: unknown) => {
        if (error instanceof InputError && error.code === 'file.missing') return undefined;
        throw error;
      },
    );
    const memory = file ? decodeWhiteBoxLedger(file) : empty;
    if (memory.commitment === this.#commitment) return memory;
    throw new InputError({
      code: 'ledger.commitment',
      message: `${this.#path} is the ledger of another commitment`,
      hint: 'restore the white-box folder that lay beside this mark, in its newest copy',
    });
  }

  async #makeFolder(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new EnvironmentError({
        code: 'file.write',
        message: `cannot make the folder ${this.#folder}: ${(cause as Error).message}`,
        hint: 'the memory of white box sessions lies beside the mark: make that place writable',
        cause,
      });
    }
  }
}

function capReached(what: string): EvidenceError {
  return new EvidenceError({
    code: 'prove.cap',
    message: `the owner has answered ${what} of this claim, as many as he allows`,
    hint: 'the owner decides how many he answers, as each may tell one bit of the mark',
  });
}
