import { concatBytes } from '../../../src/base/index.js';
import { advance, outcomeOf, signMessage } from '../../../src/protocol/index.js';
import { judgeSecret, sessions } from '../sessions.js';
import type { FuzzTarget } from '../target.js';

/** Places of a session in the first byte: 16 for each mode, and as many again for an abort at that place. */
const placesOfMode = 16;
const abort = '{"code":"prove.judge","fault":"nobody","message":"no","refused":""}';

/**
 * The payload of each message, rightly signed by its party at its place: what a peer can do who keeps to the order but says
 * what it likes.
 */
export const session: FuzzTarget = {
  name: 'session',
  seeds: async () => {
    const { honest } = await sessions();
    return honest.flatMap(({ messages }, mode) =>
      messages.flatMap(({ payload }, place) => {
        const at = placesOfMode * mode + place;
        return [
          concatBytes(Uint8Array.of(at), payload),
          concatBytes(Uint8Array.of(128 + at), new TextEncoder().encode(abort)),
        ];
      }),
    );
  },
  run: async (input) => {
    const { claim, context, honest } = await sessions();
    const at = input[0] ?? 0;
    const { messages, states } = pick(honest, (at & 127) >> 4);
    const place = at & 15;
    const state = pick(states, place);
    const { seq, from, type } = pick(messages, place);
    const said = { seq, from, type: at >= 128 ? 'abort' : type, payload: input.slice(1) };
    const secretKey = from === 'judge' ? judgeSecret : claim.owner.secretKey;
    const next = advance(state, signMessage(state.head, said, secretKey), context);
    const { verdict, cause } = outcomeOf(next, context, undefined);
    return `${next.phase} ${verdict} ${cause.slice(0, 12)}`;
  },
};

function pick<T>(list: readonly T[], at: number): T {
  const picked = list[at % list.length];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
}
