import { canonicalJson, InputError, type Json } from '../base/index.js';
import type { JudgeHello, Message } from '../protocol/index.js';

/** The judge's own clock and measurements, which may differ from one process to the next. */
const free = new Set(['started', 'fidelity']);

/**
 * Checks that a judge who goes on with a session does so with what it began it with: the message in its journal is the one that
 * its options make, but for times and what is measured anew. Throws `InputError` `session.options` that names what differs.
 */
export function checkSameHello({ payload }: Pick<Message, 'payload'>, made: JudgeHello): void {
  const kept = JSON.parse(new TextDecoder().decode(payload)) as JudgeHello;
  const different = differences({ ...kept }, { ...made });
  if (different.length === 0) return;
  throw new InputError({
    code: 'session.options',
    message: `the session in the journal was begun with another ${different.join(', ')}`,
    hint: 'run the very command that began it; to begin a new session name a new transcript',
  });
}

type Members = Readonly<Record<string, Json | undefined>>;

function differences(a: Members, b: Members): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort().flatMap((name) => {
    const [left, right] = [a[name], b[name]];
    if (free.has(name)) return [];
    if (name === 'policy' || name === 'suspect' || name === 'whiteBox') {
      return differences(membersOf(left), membersOf(right)).map((inner) => `${name}.${inner}`);
    }
    return spelling(left) === spelling(right) ? [] : [name];
  });
}

function membersOf(value: Json | undefined): Members {
  return typeof value === 'object' && !Array.isArray(value) ? (value as Members) : {};
}

function spelling(value: Json | undefined): string {
  return value === undefined ? '' : canonicalJson(value);
}
