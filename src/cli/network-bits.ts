import { InputError } from '../base/index.js';

/** Bits of an output and of a remainder, written as `10,10`. Throws `InputError` `usage.bits`. */
export function parseBits(text: string): { A: number; S: number } {
  const [, a, s] = /^(\d{1,2}),(\d{1,2})$/.exec(text) ?? [];
  const [A, S] = [Number(a), Number(s)];
  if (A >= 1 && A <= 20 && S >= 1 && S <= 20 && A + S <= 30) return { A, S };
  throw new InputError({
    code: 'usage.bits',
    message: `--bits ${JSON.stringify(text.slice(0, 40))} is not two numbers of bits`,
    hint: 'write e.g. --bits 10,10; there must be a circuit neurons-A-S-N for them',
  });
}
