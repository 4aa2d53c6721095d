import { canonicalJson } from '../../../src/base/index.js';
import { encodeEntry, type NewEntry, newQueries } from '../../../src/protocol/index.js';
import { readQueries, tally } from '../../../src/verifier/index.js';
import { vectors } from '../../support/vectors.js';
import { type FuzzTarget, text } from '../target.js';

/** The query log of a judge, as its reader takes it, and the counts that follow from it. */
export const queryLog: FuzzTarget = {
  name: 'query-log',
  seeds: () => {
    const lines = vectors('queries').lines.map(({ line }) => `${line}\n`);
    return [text.encode(lines.join('')), text.encode(lines.slice(0, 2).join('')), plan()];
  },
  run: (input) => {
    const state = readQueries(input);
    if (state.plan === undefined) return 'no plan';
    return canonicalJson({ ...tally(state.plan, state) }).length > 0 ? 'counted' : '';
  },
};

/** A first line, in which a change breaks no chain. */
function plan(): Uint8Array {
  const { line } = vectors('queries').lines[1]!;
  const entry = JSON.parse(line) as { previous?: string };
  delete entry.previous;
  return encodeEntry(newQueries, entry as NewEntry);
}
