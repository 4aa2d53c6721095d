import { deriveSecret } from './derive.js';
import { type RandomBytes, SeededStream } from './random.js';

/** Uniform bytes for a purpose: the stream of a label begins anew each time that it is asked for. */
export type LabelledRandom = (label: string) => RandomBytes;

/**
 * All randomness of a session from its 32-byte secret: streams of different labels are independent (`deriveSecret`), and a
 * session that was stopped draws the same again, whatever it had drawn before.
 */
export function sessionRandom(secret: Uint8Array): LabelledRandom {
  return (label) => {
    const purpose = `veilmark/session-random/1 ${label}`;
    const key = deriveSecret(secret, { purpose, index: 0 }, 64);
    const stream = new SeededStream('veilmark/session-random/1', [key]);
    return (length) => stream.bytes(length);
  };
}
