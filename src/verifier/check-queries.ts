import { bytesToHex, canonicalJson, EvidenceError, type Image, InputError } from '../base/index.js';
import type { Commitment } from '../commitment/index.js';
import {
  type Decided,
  imageDigest,
  type Observer,
  type Plan,
  type QueryState,
  readQueryLines,
} from '../protocol/index.js';
import { queryOrder } from './query-order.js';
import { tally } from './tally.js';

/**
 * Reads a query log: every line follows the one before it, and what is kept of bodies fits their digests. Throws `InputError`
 * `queries.format`; `EvidenceError` `queries.chain`, `queries.bodies`.
 */
export function readQueries(file: Uint8Array): QueryState {
  return readQueryLines(linesOf(file));
}

function* linesOf(file: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < file.length;) {
    const end = file.indexOf(0x0a, at);
    if (end < 0) {
      throw new InputError({
        code: 'queries.format',
        message: 'the last line of the query log is cut off',
        hint: 'give the whole file that the judge wrote',
      });
    }
    yield file.subarray(at, end);
    at = end + 1;
  }
}

/**
 * Checks that a query log is the one that a verdict names, that it asks what the session opened and as many decoys as it says,
 * and that its answers give the verdict's counts. Throws as `readQueries`, and `EvidenceError` `queries.digest`,
 * `queries.questions`, `queries.answers`.
 */
export function checkQueries(
  file: Uint8Array,
  session: Pick<Decided, 'id' | 'judgeHello' | 'openings' | 'verdict'>,
  commitment: Commitment,
  observe: Observer,
): QueryState {
  const { verdict } = session;
  observe('queries.chain');
  const state = readQueries(file);
  demand(
    bytesToHex(state.head) === verdict.queries,
    'queries.digest',
    verdict.queries === ''
      ? 'the verdict names no query log'
      : 'the query log is not the one that the verdict names',
  );
  observe('queries.questions');
  const { plan } = state;
  demand(
    plan !== undefined && isPlanOf(plan, session, commitment),
    'queries.questions',
    'the query log does not ask the openings of this session, its audited pairs and the decoys of its policy',
  );
  observe('queries.answers');
  const { answers, decoys, controls } = tally(plan, state);
  demand(
    state.answers.length === queryOrder(plan).length &&
      canonicalJson({ answers, decoys, controls }) ===
        canonicalJson({
          answers: verdict.answers,
          decoys: verdict.decoys,
          controls: verdict.controls,
        }),
    'queries.answers',
    'the answers of the query log do not give the counts of the verdict',
  );
  return state;
}

function isPlanOf(
  plan: Plan,
  { id, judgeHello, openings }: Pick<Decided, 'id' | 'judgeHello' | 'openings'>,
  { audit }: Commitment,
): boolean {
  const asked = (kind: string): string =>
    plan.questions.flatMap((one) => (one.kind === kind ? [one.image] : [])).join();
  const opened = (pairs: readonly { readonly image: Image }[]): string =>
    pairs.map(({ image }) => imageDigest(image)).join();
  return (
    plan.session === bytesToHex(id) &&
    canonicalJson(plan.suspect) === canonicalJson(judgeHello.suspect) &&
    asked('trigger') === opened(openings) &&
    asked('audited') === opened(audit)
  );
}

function demand(holds: boolean, code: string, message: string): asserts holds {
  if (!holds) throw new EvidenceError({ code, message });
}
