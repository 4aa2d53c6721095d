import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { bytesToHex, InputError } from '../base/index.js';
import { readFileLimited } from '../files/index.js';
import { findInstance, openCircuit } from '../proof/circuits/index.js';
import {
  maxVerificationKeyBytes,
  verificationKeyDigest,
  whiteBoxCircuits,
} from '../proof/index.js';
import { openProvingKey, type ProvingKey } from '../proof/keys/key-folder.js';
import { proveStubbornly } from '../proof/proving/prove-all.js';
import { WorkerPool } from '../proof/workers/index.js';
import type { WhiteBoxProver } from '../prover/index.js';
import { defaultKeyFolder } from './opening-prover.js';

/** A prover of white box sessions that holds processes until it is closed. */
export interface OpenWhiteBoxProver extends WhiteBoxProver {
  close(): Promise<void>;
}

/**
 * The prover with the proving keys of a folder. Which circuit a key is of, and that its files are whole, is checked when it is first
 * used, as `openCircuit` and `openProvingKey` do.
 */
export async function openWhiteBoxProver({
  keys: folder = defaultKeyFolder,
  workers = availableParallelism(),
}: {
  keys?: string | undefined;
  workers?: number | undefined;
}): Promise<OpenWhiteBoxProver> {
  const names = await keyNames(folder);
  const pool = new WorkerPool({ workers });
  const opened = new Map<string, Promise<ProvingKey>>();
  const open = (name: string): Promise<ProvingKey> => {
    const known = opened.get(name) ?? openKey(folder, name);
    opened.set(name, known);
    return known;
  };
  return {
    refusal: (keys) => {
      const missing = whiteBoxCircuits.find(
        (circuit) => keys[circuit] !== '' && !names.get(keys[circuit])?.startsWith(`${circuit}-`),
      );
      return missing === undefined
        ? undefined
        : `the judge’s key of the circuit ${missing}, ${keys[missing]}, is none of the owner’s in ${folder}`;
    },
    prove: async (statements, { keys, onProof, signal }) => {
      const stop = new AbortController();
      const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
      // One circuit after the other: a process keeps the key of the last one.
      const places = statements
        .map((_, place) => place)
        .sort((a, b) => rank(statements[a]?.circuit) - rank(statements[b]?.circuit));
      const proofs: Uint8Array[] = [];
      const work = async (): Promise<void> => {
        for (let place = places.shift(); place !== undefined; place = places.shift()) {
          const statement = statements[place];
          if (!statement) continue;
          const key = await open(names.get(keys[statement.circuit]) ?? '');
          const [proved] = await proveStubbornly([statement.signals()], {
            pool,
            key,
            signal: either,
          });
          const proof = proved?.proof ?? new Uint8Array();
          await onProof(statement.name, proof);
          proofs[place] = proof;
        }
      };
      try {
        await Promise.all(Array.from({ length: pool.workers }, work));
      } catch (error) {
        stop.abort(error);
        throw error;
      }
      return proofs;
    },
    close: () => pool.close(),
  };
}

function rank(circuit: (typeof whiteBoxCircuits)[number] | undefined): number {
  return circuit === undefined
    ? 0
    : ['neurons', 'fold', 'classification', 'threshold'].indexOf(circuit);
}

async function openKey(folder: string, name: string): Promise<ProvingKey> {
  return openProvingKey(folder, await openCircuit(findInstance(name)));
}

/** The instances whose keys a folder holds, by the digest of the verification key. */
async function keyNames(folder: string): Promise<Map<string, string>> {
  const files = await readdir(folder).catch((cause: unknown) => {
    throw new InputError({
      code: 'file.missing',
      message: `there is no folder of keys ${folder}`,
      hint: 'make keys with `veilmark setup`, or name their folder with --keys',
      cause,
    });
  });
  const names = new Map<string, string>();
  for (const file of files.filter((one) => one.endsWith('.key'))) {
    const name = file.replace(/\.key$/, '');
    if (!whiteBoxCircuits.some((circuit) => name.startsWith(`${circuit}-`))) continue;
    const what = 'verification key';
    const bytes = await readFileLimited(join(folder, file), {
      limit: maxVerificationKeyBytes,
      what,
    });
    names.set(bytesToHex(verificationKeyDigest(bytes)), name);
  }
  return names;
}
