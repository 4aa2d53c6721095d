import { EnvironmentError, type Image, type Shape, sizeOf } from '../base/index.js';
import type { Suspect } from '../protocol/index.js';
import { type Refusal, refusals } from './causes.js';

/** An image that says nothing about any mark: a slope from dark to bright, row by row. */
export function harmlessImage(shape: Shape): Image {
  const size = sizeOf(shape);
  return {
    shape,
    pixels: Uint8Array.from({ length: size }, (_, i) => Math.floor((256 * i) / size)),
  };
}

/**
 * Asks a suspect that tells nothing about itself one harmless question, so that no batch is spent on an endpoint that is
 * not there. Throws `EnvironmentError` with the refusal's code, unless it is one of `tolerated`.
 */
export async function tryOut(
  { classify }: Pick<Suspect, 'classify'>,
  {
    shape,
    what,
    hint,
    tolerated = [],
    signal,
  }: {
    shape: Shape;
    /** The suspect's name in messages. */
    what: string;
    hint: string;
    tolerated?: readonly Refusal[];
    signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const [answer] = await classify([harmlessImage(shape)], signal);
  if (answer === undefined || 'label' in answer) return;
  const code = answer.refused as Refusal;
  if (tolerated.includes(code)) return;
  throw new EnvironmentError({ code, message: `${what}: ${refusals[code]}`, hint });
}
