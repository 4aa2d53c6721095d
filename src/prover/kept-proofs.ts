import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { concatBytes, EnvironmentError, equalBytes } from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import { writeFileAtomic } from '../files/index.js';

const digestTag = 'veilmark/kept-proof/1';
const proofBytes = 256;

/** Proofs of running sessions, one file each: the proof and a digest against accidents. */
export class KeptProofs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A proof that was kept, or nothing where there is none or its file was damaged: then it is made again. */
  async recall(session: string, name: string): Promise<Uint8Array | undefined> {
    const file = await readFile(this.#pathOf(session, name)).catch(() => undefined);
    if (file?.length !== proofBytes + 32) return undefined;
    const proof = new Uint8Array(file.subarray(0, proofBytes));
    const digest = new Uint8Array(file.subarray(proofBytes));
    return equalBytes(digest, digestOf(session, name, proof)) ? proof : undefined;
  }

  async keep(session: string, name: string, proof: Uint8Array): Promise<void> {
    if (proof.length !== proofBytes) {
      throw new TypeError(`a proof has ${proofBytes} bytes, not ${proof.length}`);
    }
    const path = this.#pathOf(session, name);
    await mkdir(this.#folderOf(session), { recursive: true, mode: 0o700 });
    const digest = digestOf(session, name, proof);
    await writeFileAtomic(path, concatBytes(proof, digest), { mode: 0o600 });
  }

  async forget(session: string): Promise<void> {
    const folder = this.#folderOf(session);
    try {
      await rm(folder, { recursive: true, force: true });
    } catch (cause) {
      throw new EnvironmentError({
        code: 'file.write',
        message: `cannot remove ${folder}: ${(cause as Error).message}`,
        cause,
      });
    }
  }

  #folderOf(session: string): string {
    if (!/^[0-9a-f]{64}$/.test(session)) throw new TypeError('a session is named by 32 bytes');
    return join(this.#folder, session);
  }

  /** Names hold no `-`, so that different ones have different files. */
  #pathOf(session: string, name: string): string {
    if (!/^[a-z0-9]{1,40}(\/[a-z0-9]{1,40}){0,3}$/.test(name)) {
      throw new TypeError(`${JSON.stringify(name.slice(0, 80))} is no name of a statement`);
    }
    return join(this.#folderOf(session), `${name.replaceAll('/', '-')}.proof`);
  }
}

function digestOf(session: string, name: string, proof: Uint8Array): Uint8Array {
  return taggedHash(digestTag, [session, name, proof]);
}
