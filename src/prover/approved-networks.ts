import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { bytesToHex, InputError } from '../base/index.js';
import { listFolder, writeFileAtomic } from '../files/index.js';
import { decodeNetwork, type IntegerNetwork, networkDigest } from '../network/index.js';

const ending = '.network';
const digestPattern = /^[0-9a-f]{64}$/;
/** Networks that are kept in memory; large ones take hundreds of megabytes. */
const cached = 4;

/** Copies of the network files that an owner has approved, each named by its digest. */
export class ApprovedNetworks {
  readonly #folder: string;
  readonly #cache = new Map<string, IntegerNetwork>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The network of a digest in hexadecimal, or nothing. Throws `InputError` `network.digest` for a file that was changed. */
  find(digest: string): IntegerNetwork | undefined {
    if (!digestPattern.test(digest)) return undefined;
    const network = this.#cache.get(digest) ?? this.#read(digest);
    this.#cache.delete(digest);
    if (!network) return undefined;
    // A map keeps the order of insertion: the first is the one not asked for longest.
    this.#cache.set(digest, network);
    const [oldest = ''] = this.#cache.keys();
    if (this.#cache.size > cached) this.#cache.delete(oldest);
    return network;
  }

  async add(network: IntegerNetwork): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#pathOf(bytesToHex(network.digest));
    await writeFileAtomic(path, network.bytes, { mode: 0o600 });
  }

  async digests(): Promise<string[]> {
    if (!existsSync(this.#folder)) return [];
    return (await listFolder(this.#folder))
      .filter(({ name }) => name.endsWith(ending))
      .map(({ name }) => name.slice(0, -ending.length))
      .filter((name) => digestPattern.test(name))
      .sort();
  }

  #pathOf(digest: string): string {
    return join(this.#folder, `${digest}${ending}`);
  }

  #read(digest: string): IntegerNetwork | undefined {
    const path = this.#pathOf(digest);
    const file = readIfThere(path);
    if (!file) return undefined;
    if (bytesToHex(networkDigest(file)) === digest) return decodeNetwork(file);
    throw new InputError({
      code: 'network.digest',
      message: `${path} was changed since the owner approved it`,
      hint: 'approve the judge’s file again with `veilmark network approve`',
    });
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new InputError({
      code: 'file.read',
      message: `cannot read network file ${path}: ${message}`,
      cause: error,
    });
  }
}
