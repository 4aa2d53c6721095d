import { bytesToHex } from '../../src/base/index.js';
import { generateKeyPair } from '../../src/crypto/index.js';
import { signReceipt, type SpentBatch } from '../../src/protocol/index.js';
import { cheatingOwner, type Ending, expectEnding } from '../support/cheat.js';
import { type Claim, seeded, sharedClaim } from '../support/claim.js';

/** Attack: the owner declares a batch spent that is not, so that the coins pick among the others. */
describe('an owner who declares an unspent batch spent', () => {
  const stranger = generateKeyPair(seeded('sock puppet'));
  const id = new Uint8Array(32).fill(7);
  const claim = sharedClaim();
  const entry = (batch: number, from: Claim = claim): SpentBatch => ({
    batch,
    judge: bytesToHex(stranger.publicKey),
    receipt: bytesToHex(signReceipt(from.commitment, { id, batch }, stranger.secretKey)),
    session: bytesToHex(id),
  });
  const foreign = { ...claim, commitment: { ...claim.commitment, digest: new Uint8Array(32) } };
  const fault = (cause: string): Ending => ({ verdict: 'invalid', cause, fault: 'owner' });

  const lists: [string, SpentBatch[], Ending][] = [
    ['without a receipt', [{ ...entry(0), receipt: '00'.repeat(64) }], fault('spent.receipt')],
    ['by a receipt for another batch', [{ ...entry(1), batch: 0 }], fault('spent.receipt')],
    [
      'by a receipt for another session',
      [{ ...entry(0), session: '08'.repeat(32) }],
      fault('spent.receipt'),
    ],
    ['by a receipt for another commitment', [entry(0, foreign)], fault('spent.receipt')],
    [
      'by a receipt of another judge',
      [{ ...entry(0), judge: bytesToHex(claim.owner.publicKey) }],
      fault('spent.receipt'),
    ],
    [
      'by a receipt under a key of small order',
      [{ ...entry(0), judge: `01${'00'.repeat(31)}`, receipt: `01${'00'.repeat(63)}` }],
      fault('spent.receipt'),
    ],
    ['twice', [entry(1), entry(1)], fault('hello.spent')],
    ['that does not exist', [entry(3)], fault('hello.spent')],
  ];
  for (const [how, spent, ending] of lists) {
    it(`is at fault: ${how}`, async () => {
      const record = await cheatingOwner(claim, {
        hello: ({ payload, sign }) => [sign({ payload: { ...payload, spent } })],
      });
      expectEnding(record, ending);
    });
  }

  it('leaves the question open when he declares them all spent', async () => {
    const record = await cheatingOwner(claim, {
      hello: ({ payload, sign }) => [
        sign({ payload: { ...payload, spent: [entry(0), entry(1), entry(2)] } }),
      ],
    });
    expectEnding(record, { verdict: 'inconclusive', cause: 'session.no-batch', fault: 'nobody' });
  });
});
