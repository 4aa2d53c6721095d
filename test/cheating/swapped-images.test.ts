import { cheatingOwner, expectEnding } from '../support/cheat.js';
import { sharedClaim } from '../support/claim.js';

/** Attack: the owner opens two pairs with each other's image, or with each other's randomness. */
describe('an owner who swaps images', () => {
  for (const parts of [['image'], ['image', 'r']] as const) {
    it(`is at fault when the ${parts.join(' and ')} of two pairs are exchanged`, async () => {
      const record = await cheatingOwner(sharedClaim(), {
        openings: ({ payload, sign }) => {
          const [first, second, ...others] = payload.openings;
          const swap = (to: typeof first, from: typeof first) => ({
            ...to!,
            ...Object.fromEntries(parts.map((part) => [part, from![part]])),
          });
          return [
            sign({
              payload: {
                hidden: [],
                openings: [swap(first, second), swap(second, first), ...others],
              },
            }),
          ];
        },
      });
      expectEnding(record, { verdict: 'invalid', cause: 'opening.trigger', fault: 'owner' });
    });
  }
});
