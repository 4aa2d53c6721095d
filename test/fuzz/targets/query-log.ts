import { bytesToHex, concatBytes } from '../../../src/base/index.js';
import { advanceQueries, newQueries, type QueryState } from '../../../src/protocol/index.js';
import { queryOrder, readQueries, tally } from '../../../src/verifier/index.js';
import { vectors } from '../../support/vectors.js';
import { type FuzzTarget, readable, text } from '../target.js';

/** A judge's query log, and what it counts; lines are chained first where their own chain is spoilt. */
export const queryLog: FuzzTarget = {
  name: 'query-log',
  seeds: () => {
    const lines = vectors('queries').lines.map(({ line }) => text.encode(`${line}\n`));
    return [concatBytes(...lines), concatBytes(...lines.slice(1, 4)), ...lines];
  },
  run: (input) => {
    const state = readQueries(chained(input));
    if (state.plan === undefined) return `${state.attempts > 0}`;
    const { answers, controls } = tally(state.plan, state);
    if (answers.length !== state.plan.questions.filter(({ kind }) => kind === 'trigger').length) {
      throw new Error('another number of answers than of triggers');
    }
    return `${state.answers.length >= queryOrder(state.plan).length} ${controls.identity}`;
  },
};

/** The lines with the head before each and the number of each attempt, as far as they can be read. */
function chained(input: Uint8Array): Uint8Array {
  let state: QueryState = newQueries;
  const lines = readable
    .decode(input)
    .split('\n')
    .map((line) => {
      const right = line
        .replace(/"previous":"[^"]*"/, `"previous":"${bytesToHex(state.head)}"`)
        .replace(/"sequence":\d+/, `"sequence":${state.attempts}`);
      try {
        state = advanceQueries(state, text.encode(right));
      } catch {
        // The reader refuses it, too.
      }
      return right;
    });
  return text.encode(lines.join('\n'));
}
