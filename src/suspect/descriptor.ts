import { bytesToHex, canonicalBytes, formatShape, type Json, type Shape } from '../base/index.js';
import { taggedHash } from '../crypto/hash.js';
import type { Suspect } from '../protocol/index.js';

/**
 * A suspect's description with the digest that binds, before the first question, all that determines what it is sent and
 * how its answers are read: SHA-256 of the frame (`veilmark/suspect/1`, canonical JSON of the description and the settings).
 */
export function describeSuspect({
  shape,
  settings,
  ...words
}: {
  kind: string;
  identity: string;
  shape: Shape;
  classes: number;
  preprocessing: string;
  /** Of the adapter, without secrets; numbers that are no integers as text. */
  settings: Readonly<Record<string, Json>>;
}): Pick<Suspect, 'descriptor' | 'settings'> {
  const stated = { ...words, shape: formatShape(shape) };
  const digest = taggedHash('veilmark/suspect/1', [canonicalBytes({ ...stated, settings })]);
  return { descriptor: { ...stated, digest: bytesToHex(digest) }, settings };
}
