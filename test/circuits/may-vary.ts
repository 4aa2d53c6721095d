import type { Witness } from './constraints.js';
import type { Circuit } from './support.js';
import type { SubjectName } from './templates.js';

/** IsZero's hint multiplies zero where its input, K − natural, is zero: where there is no natural class. */
const freeWhereNone = {
  derivedLabel: ['none.inverse'],
  triggerOpening: ['derived.none.inverse'],
  'opening-tiny': ['opening.derived.none.inverse'],
  'classification-tiny': ['opening.derived.none.inverse'],
} as Readonly<Record<string, readonly string[]>>;

/** The signals that an honest witness leaves free; all others must be fixed. */
export function mayVary(name: SubjectName, compiled: Circuit, witness: Witness): readonly string[] {
  const value = (label: string): bigint => witness[compiled.signal(label)]!;
  if (name === 'isZero') return value('in') === 0n ? ['inverse'] : [];
  const free = freeWhereNone[name] ?? [];
  return free.length > 0 && value('natural') === value('classes') ? free : [];
}
