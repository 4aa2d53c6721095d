import { decodeOneMessage, encodeMessage } from '../../../src/protocol/index.js';
import { type FuzzTarget, mustEncodeAs, text } from '../target.js';

/** A message as it travels, before anything is known of its session. */
export const message: FuzzTarget = {
  name: 'message',
  seeds: () =>
    (['judge', 'owner'] as const).map((from, seq) =>
      encodeMessage({
        seq,
        from,
        type: 'hello',
        payload: text.encode('{"a":1}'),
        signature: new Uint8Array(64).fill(7),
      }),
    ),
  run: (input) => {
    const decoded = decodeOneMessage(input);
    mustEncodeAs(input, encodeMessage(decoded));
    return `${decoded.from} ${decoded.payload.length > 0}`;
  },
};
