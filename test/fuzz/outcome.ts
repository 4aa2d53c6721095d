import { writeFileSync } from 'node:fs';

import { VeilmarkError } from '../../src/base/index.js';
import type { FuzzTarget } from './target.js';

/** Most seconds of the processor that an input may take. */
export const mostSeconds = 1;
/** Most bytes by which an input may make the process grow. */
export const mostGrowth = 2 ** 28;

/** What became of one input. */
export interface Outcome {
  /** What is wrong with it: nothing, where the input was accepted or refused with a code. */
  readonly defect: string | undefined;
  /** Names the way that the input took: inputs of a new signature are worth keeping. */
  readonly signature: string;
}

/** Feeds an input and watches what comes of it, how long it takes and how much memory. */
export async function outcomeOf(target: FuzzTarget, input: Uint8Array): Promise<Outcome> {
  forgetPeak();
  const before = { cpu: process.cpuUsage(), peak: peak() };
  let outcome: Outcome;
  try {
    outcome = { defect: undefined, signature: `accepted ${await target.run(input.slice())}` };
  } catch (error) {
    outcome =
      error instanceof VeilmarkError
        ? { defect: undefined, signature: `${error.code} ${plain(error.message)}` }
        : { defect: stackOf(error), signature: 'defect' };
  }
  const { user, system } = process.cpuUsage(before.cpu);
  const seconds = (user + system) / 1e6;
  const growth = peak() - before.peak;
  const excess =
    seconds > mostSeconds
      ? `it took ${seconds.toFixed(1)} s of processor time`
      : growth > mostGrowth
        ? `the process grew by ${Math.round(growth / 2 ** 20)} MB`
        : undefined;
  return { ...outcome, defect: outcome.defect ?? excess };
}

/** Lets the largest size count from now on, where the system can: what ran before may have been larger than any input makes it. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux: the largest size ever is what there is.
  }
}

/** Largest size of the process, in bytes. */
function peak(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** The start of a message without what it quotes, so that the same refusal of other bytes reads the same. */
function plain(message: string): string {
  return message
    .slice(0, 1000)
    .replace(/"(\\.|[^"\\])*"?|'[^']*'|\S*veilmark-fuzz-\S*/g, '"')
    .replace(/[0-9a-f]{8,}|\b[0-9a-f]{2}\b|-?\d[\d.,e+]*/gi, '0')
    .replace(/[^\x20-\x7e]+/g, '?')
    .replace(/(0( x |, )?)+/g, '0')
    .split(/[;(]/, 1)
    .join('')
    .slice(0, 80);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
