import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const corpusFolder = join(import.meta.dirname, 'corpus');

/** Largest input that the repository keeps, in bytes, and the most inputs of a target beside those kept by hand. */
export const corpusLimits = { bytes: 4096, inputs: 12 } as const;

/** Inputs that once were defects have a name; those that were found to take another way have their digest. */
const grown = /^[0-9a-f]{16}$/;

export interface CorpusInput {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The kept inputs of a target. */
export function readCorpus(target: string): CorpusInput[] {
  const folder = join(corpusFolder, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(folder, name))) }));
}

/** Keeps an input, unless it is too large or the target has enough of them. */
export function addToCorpus(target: string, input: Uint8Array): boolean {
  const folder = join(corpusFolder, target);
  const name = inputName(input);
  const known = existsSync(folder) ? readdirSync(folder).filter((file) => grown.test(file)) : [];
  if (input.length > corpusLimits.bytes || known.length >= corpusLimits.inputs) return false;
  if (known.includes(name)) return false;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), input);
  return true;
}

/** Takes the grown inputs away; those kept by hand stay. */
export function clearCorpus(target: string): void {
  for (const { name } of readCorpus(target)) {
    if (grown.test(name)) rmSync(join(corpusFolder, target, name));
  }
}

/** A short name for some bytes. */
export function inputName(input: Uint8Array): string {
  return createHash('sha256').update(input).digest('hex').slice(0, 16);
}
