import { openingToJson, openPair } from '../../src/commitment/index.js';
import type { Openings } from '../../src/protocol/index.js';
import { cheatingOwner, expectEnding } from '../support/cheat.js';
import { sharedClaim } from '../support/claim.js';

type OpeningJson = Openings['openings'][number];

/** Attack: the owner opens other pairs than those of the batch that the coins picked. */
describe('an owner who opens other pairs', () => {
  const { commitment, mark } = sharedClaim();
  const { order } = commitment;
  const open = (index: number): OpeningJson => openingToJson(openPair(mark, index));
  const replaceFirst = (index: number) => (honest: OpeningJson[]) =>
    [open(index), ...honest.slice(1)].sort((a, b) => a.index - b.index);

  const cheats: [string, (honest: OpeningJson[]) => OpeningJson[]][] = [
    [
      'of another batch',
      (honest) => {
        const other = order.batches.find((batch) => batch[0] !== honest[0]?.index) ?? [];
        return other.map(open);
      },
    ],
    ['with an audited one among them', replaceFirst(order.audited[0] ?? 0)],
    ['with one beyond the commitment', (all) => [...all.slice(0, -1), { ...all[39]!, index: 128 }]],
    ['with one of them twice', ([first, , ...others]) => [first!, first!, ...others]],
    ['in another order', (honest) => [...honest].reverse()],
    ['but one', (honest) => honest.slice(1)],
    ['and one more', (honest) => [...honest, open(order.audited[0] ?? 0)]],
    ['none at all', () => []],
  ];
  for (const [what, cheat] of cheats) {
    it(`is at fault: ${what}`, async () => {
      const record = await cheatingOwner(sharedClaim(), {
        openings: ({ payload, sign }) => [
          sign({ payload: { hidden: [], openings: cheat(payload.openings) } }),
        ],
      });
      expectEnding(record, { verdict: 'invalid', cause: 'openings.indices', fault: 'owner' });
    });
  }
});
