import { expect } from 'chai';

import { canonicalJson, type Json } from '../../src/base/index.js';
import { openLabel, openPair } from '../../src/commitment/index.js';
import { finishNetwork, type IntegerNetwork, type Node } from '../../src/network/index.js';
import {
  decodeTranscript,
  type Digests,
  type Proofs,
  type SessionRecord,
} from '../../src/protocol/index.js';
import { type Claim, makeClaim, seeded } from '../support/claim.js';
import { simulatedJudge, simulatedSession } from '../support/simulated-white-box.js';
import { memorisingNetwork, whiteBoxClaim } from '../support/white-box.js';

const run = async (claim: Claim, network: IntegerNetwork, name = ''): Promise<SessionRecord> => {
  const random = seeded(`curious judge ${name}`);
  const { judge, owner, error } = await simulatedSession(claim, network, { judge: { random } });
  if (!judge || !owner) throw error;
  expect(owner.transcript).to.deep.equal(judge.transcript);
  return judge;
};
const payloads = ({ transcript }: SessionRecord) =>
  decodeTranscript(transcript).messages.map(({ from, type, payload }) => ({
    ...{ from, type, bytes: payload },
    payload: JSON.parse(new TextDecoder().decode(payload)) as Json,
  }));
/** A payload with everything that varies replaced by its length. */
const outline = (json: Json): Json =>
  JSON.parse(
    JSON.stringify(json, (key, value: unknown) =>
      key === 'index' || key === 'batch'
        ? 0
        : typeof value === 'string' && /^[0-9a-f]{32,}$/.test(value)
          ? value.length
          : value,
    ),
  ) as Json;
const said = (record: SessionRecord, wanted: string): Json =>
  payloads(record).find(({ type, from }) => type === wanted && from === 'owner')!.payload;
const secrets = (record: SessionRecord): string[] => {
  const digests = said(record, 'digests') as unknown as Digests;
  const proofs = said(record, 'proofs') as unknown as Proofs;
  return [
    ...digests.triggers.flatMap(({ logits, neurons }) => [logits, ...neurons]),
    ...proofs.triggers.flatMap(({ blocks, match }) => [match, ...blocks.map(({ sum }) => sum)]),
  ];
};
const batchOf = (record: SessionRecord): number =>
  (record.session as unknown as { challenge: { batch: number } }).challenge.batch;

/** Attack: a judge writes networks to read labels and pixels. A session tells him whether T is reached, and no more. */
describe('a curious judge', function () {
  this.timeout(60_000);
  const claim = whiteBoxClaim();

  it('cannot tell three matches from two', async () => {
    const [all, two] = [memorisingNetwork(claim, 3), memorisingNetwork(claim, 2)];
    const records = [await run(claim, all), await run(claim, two)] as const;
    const [one, other] = records.map(payloads);
    expect(records.map(({ outcome }) => outcome)).to.deep.equal([
      records[0].outcome,
      records[0].outcome,
    ]);
    expect(one!.map(({ type }) => type)).to.deep.equal([
      'hello',
      'hello',
      'challenge',
      'digests',
      'point',
      'proofs',
      'verdict',
      'acknowledgement',
    ]);
    expect(
      one!.map(({ from, type, payload }) => [from, type, outline(payload)]).slice(1),
    ).to.deep.equal(
      other!.map(({ from, type, payload }) => [from, type, outline(payload)]).slice(1),
    );
    expect(other!.map(({ bytes }) => bytes.length)).to.deep.equal(
      one!.map(({ bytes }) => bytes.length),
    );
    const { triggers } = said(records[1], 'proofs') as unknown as Proofs;
    const outlines = triggers.map((trigger) => canonicalJson(outline(trigger as unknown as Json)));
    expect(new Set(outlines).size).to.equal(1);
    for (const record of records) {
      const found = secrets(record);
      expect(new Set(found).size).to.equal(found.length);
    }
  });

  it('finds nothing again in a second session on the same batch', async () => {
    const network = memorisingNetwork(claim, 3);
    const first = await run(claim, network, 'first');
    let second = first;
    for (let i = 0; second === first || batchOf(second) !== batchOf(first); i++) {
      second = await run(claim, network, `next ${i}`);
    }
    const known = new Set(secrets(first));
    expect(secrets(second).filter((one) => known.has(one))).to.deep.equal([]);
  });

  it('learns one bit of a pixel from a session, and nothing from how it is declined', async () => {
    const shape = { height: 2, width: 2, channels: 1 };
    const single = makeClaim('one batch', { shape, hidden: 3, audited: 2, batchSize: 3 });
    const policy = { ...simulatedJudge(single, memorisingNetwork(single)).policy, alphaBits: 2 };
    const ask = async (network: IntegerNetwork): Promise<SessionRecord> => {
      const { judge, error } = await simulatedSession(single, network, { judge: { policy } });
      if (!judge) throw error;
      return judge;
    };
    const { pixel, place, value } = brightest(single);
    const above = await ask(reading(single, { pixel, place, edge: value - 1 }));
    const below = await ask(reading(single, { pixel, place, edge: value }));
    expect([above, below].map(({ outcome }) => outcome.verdict)).to.deep.equal([
      'proved',
      'not-proved',
    ]);
    const none = await ask(memorisingNetwork(single, 0));
    const one = await ask(memorisingNetwork(single, 1));
    const ending = (record: SessionRecord) =>
      payloads(record)
        .slice(5, 6)
        .map(({ type, bytes }) => [type, bytes]);
    expect(ending(none)[0]![0]).to.equal('decline');
    for (const record of [one, below]) {
      expect(ending(record)).to.deep.equal(ending(none));
      expect(record.outcome).to.deep.equal(none.outcome);
      expect(payloads(record).map(({ type, bytes }) => [type, bytes.length])).to.deep.equal(
        payloads(none).map(({ type, bytes }) => [type, bytes.length]),
      );
    }
  });
});

/** A pixel that is brightest in one trigger that is not the first of its batch, by two at least. */
function brightest({ commitment, mark }: Claim): { pixel: number; place: number; value: number } {
  const pictures = commitment.order.batches[0]!.map((index) => [
    ...openPair(mark, index).image.pixels,
  ]);
  for (const pixel of [0, 1, 2, 3]) {
    const values = pictures.map((picture) => picture[pixel]!);
    const value = Math.max(...values);
    const place = values.indexOf(value);
    const isClear = values.filter((other) => other > value - 2).length === 1;
    if (place > 0 && isClear) return { pixel, place, value };
  }
  throw new Error('no pixel is brightest in another trigger than the first');
}

/** A network that matches the first trigger, and the trigger of a place too if a pixel is above an edge. */
function reading(
  claim: Claim,
  { pixel, place, edge }: { pixel: number; place: number; edge: number },
): IntegerNetwork {
  const { commitment, mark } = claim;
  const label = openLabel(commitment, openPair(mark, commitment.order.batches[0]![place]!));
  const base = memorisingNetwork(claim, 1, 1);
  const count = base.neurons;
  const nodes = base.nodes.map((node): Node => {
    if (node.kind !== 'sum') return node;
    const isFirst = node.bias.length > 0;
    const bias = node.bias.map((old, n) => (n === count - 1 ? -edge * 64 : old));
    const terms = node.terms.map((term) => {
      if (term.map.kind !== 'convolution') return term;
      const weights = new Int32Array(term.map.weights);
      if (isFirst)
        for (let p = 0; p < 4; p++) weights[p * count + count - 1] = p === pixel ? 64 : 0;
      else weights[(count - 1) * 10 + label] = 1000;
      return { ...term, map: { ...term.map, weights } };
    });
    return { ...node, bias, terms };
  });
  return finishNetwork({ ...base, nodes });
}
