import { readFile } from 'node:fs/promises';

import { expect } from 'chai';

import { image } from '../../src/base/index.js';
import { type Opening, openPair } from '../../src/commitment/index.js';
import { fieldOrder, hashToField } from '../../src/crypto/index.js';
import {
  classOf,
  finishNetwork,
  type IntegerNetwork,
  runNetwork,
} from '../../src/network/index.js';
import {
  atPoint,
  classificationSignals,
  type Layout,
  layoutOf,
  neuronsSignals,
  type Point,
  type ProvenTrigger,
  thresholdSignals,
  triggerWitness,
  type TriggerWitness,
} from '../../src/proof/index.js';
import { type CircuitInputs, WitnessCalculator } from '../../src/proof/proving/index.js';
import { pointAt } from '../../src/protocol/index.js';
import { coded } from '../coded.js';
import { tinyCircuit } from '../proof/tiny-opening.js';
import { simulatedKeys } from '../support/simulated-white-box.js';
import { memorisingNetwork, whiteBoxClaim } from '../support/white-box.js';

const calculators = new Map<string, WitnessCalculator>();

async function satisfied(name: string, signals: CircuitInputs): Promise<void> {
  const known = calculators.get(name);
  const { wasm } = await tinyCircuit(name);
  const calculator = known ?? (await WitnessCalculator.load(await readFile(wasm)));
  calculators.set(name, calculator);
  await calculator.calculate(signals);
}

async function refused(name: string, signals: CircuitInputs): Promise<void> {
  await coded('circuit.unsatisfied', () => satisfied(name, signals));
}

/** Attack: an owner computes digests, sums and commitments for a false witness, as consistently as he can. */
describe('a false witness of a white box session', () => {
  const claim = whiteBoxClaim();
  const { commitment, mark } = claim;
  const [batch = []] = commitment.order.batches;
  const head = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
  const layoutFor = (network: IntegerNetwork): Layout =>
    layoutOf(network, commitment.parameters, simulatedKeys());
  const salts = (name: string): bigint => hashToField(new TextEncoder().encode(name));

  /** What an owner says of a trigger of the batch. */
  const witness = (
    network: IntegerNetwork,
    place: number,
    opening: Opening = openPair(mark, batch[place]!),
  ): TriggerWitness =>
    triggerWitness(network, commitment, { opening, layout: layoutFor(network), salts });
  const tell = (network: IntegerNetwork, said: TriggerWitness, point?: Point): ProvenTrigger => {
    const layout = layoutFor(network);
    const own = point ?? pointAt(head(1), network, layout);
    return atPoint(network, { layout, point: own, witness: said });
  };
  const classification = (network: IntegerNetwork, trigger: ProvenTrigger): CircuitInputs => {
    const layout = layoutFor(network);
    return classificationSignals(trigger, commitment, layout, pointAt(head(1), network, layout));
  };
  const neurons = (network: IntegerNetwork, trigger: ProvenTrigger, block = 0): CircuitInputs => {
    const layout = layoutFor(network);
    return neuronsSignals(trigger, layout, pointAt(head(1), network, layout), block);
  };
  const classifier = 'classification-2x2x1-16';
  const blocks = 'neurons-6-6-8';
  const network = memorisingNetwork(claim, 3);
  const changed = (values: readonly bigint[], place: number, change: (old: bigint) => bigint) =>
    values.map((old, i) => (i === place ? change(old) : old));
  /** A neuron that is on, of the first block, whose remainder can grow. */
  const on = (said: TriggerWitness): number =>
    said.q.findIndex((q, i) => q > 0n && q < 63n && said.rem[i]! < 63n && i < 8);

  it('does not exist beside the honest one', async () => {
    for (const place of [0, 1, 2]) {
      const honest = tell(network, witness(network, place));
      expect(honest.witness.match).to.equal(1n);
      await satisfied(classifier, classification(network, honest));
      for (const block of [0, 1, 2]) await satisfied(blocks, neurons(network, honest, block));
    }
  });

  const lies: Record<string, (honest: TriggerWitness) => Partial<TriggerWitness>> = {
    'one activation': (honest) => ({ q: changed(honest.q, on(honest), (q) => q + 1n) }),
    'one remainder': (honest) => ({ rem: changed(honest.rem, on(honest), (rem) => rem + 1n) }),
    'one sign': (honest) => ({
      q: changed(honest.q, on(honest), (q) => fieldOrder - q),
    }),
    'an activation and its remainder against each other': (honest) => ({
      q: changed(honest.q, on(honest), (q) => q - 1n),
      rem: changed(honest.rem, on(honest), (rem) => 63n - rem),
    }),
    'an unused neuron': (honest) => ({ q: changed(honest.q, honest.q.length - 1, () => 1n) }),
    'one logit': (honest) => ({ logits: changed(honest.logits, 9, (logit) => logit + 1n) }),
    'an unused logit': (honest) => ({ logits: changed(honest.logits, 15, () => 0n) }),
  };
  for (const [what, lie] of Object.entries(lies)) {
    it(`that changes ${what} exists only without a match`, async () => {
      const honest = witness(network, 0);
      expect(on(honest)).to.be.at.least(0);
      const cheat = tell(network, { ...honest, ...lie(honest) });
      for (const block of [0, 1, 2]) await satisfied(blocks, neurons(network, cheat, block));
      await refused(classifier, classification(network, cheat));
      const loser = tell(network, { ...honest, ...lie(honest), match: 0n });
      await satisfied(classifier, classification(network, loser));
    });
  }

  it('of another network exists only without a match', async () => {
    const judged = memorisingNetwork(claim, 1);
    const own = witness(network, 1);
    expect([own.match, witness(judged, 1).match]).to.deep.equal([1n, 0n]);
    const cheat = tell(judged, own);
    for (const block of [0, 1, 2]) await satisfied(blocks, neurons(judged, cheat, block));
    await refused(classifier, classification(judged, cheat));
    await satisfied(classifier, classification(judged, tell(judged, { ...own, match: 0n })));
  });

  it('of a trigger that does not match exists only without a match', async () => {
    const judged = memorisingNetwork(claim, 1);
    const honest = witness(judged, 1);
    await satisfied(classifier, classification(judged, tell(judged, honest)));
    await refused(classifier, classification(judged, tell(judged, { ...honest, match: 1n })));
    const half = { ...honest, match: 2n as never };
    await refused(classifier, classification(judged, tell(judged, half)));
  });

  it('at another point does not exist', async () => {
    const layout = layoutFor(network);
    const elsewhere = tell(network, witness(network, 0), pointAt(head(2), network, layout));
    for (const block of [0, 1, 2]) await refused(blocks, neurons(network, elsewhere, block));
    await refused(classifier, classification(network, elsewhere));
  });

  it('of another picture, or of another trigger, does not exist even without a match', async () => {
    const opening = openPair(mark, batch[0]!);
    const pixels = Uint8Array.from(opening.image.pixels, (x, i) => (i === 0 ? x ^ 1 : x));
    const other = openPair(mark, batch[1]!);
    const foreign = [
      { ...opening, image: image(opening.image.shape, pixels) },
      { ...opening, image: other.image },
      { ...opening, r: other.r },
      { ...other, index: opening.index },
      { ...opening, index: other.index },
    ];
    for (const said of foreign) {
      for (const match of [0n, 1n] as const) {
        const cheat = tell(network, { ...witness(network, 0, opening), opening: said, match });
        await refused(classifier, classification(network, cheat));
      }
      const rerun = triggerWitness(network, commitment, {
        opening: { ...opening, image: said.image },
        ...{ layout: layoutFor(network), salts },
      });
      await refused(
        classifier,
        classification(network, tell(network, { ...rerun, opening: said })),
      );
    }
  });

  it('of a neuron out of range is cut off and does not match', async () => {
    const spare = memorisingNetwork(claim, 3, 1);
    const last = spare.neurons - 1;
    const nodes = spare.nodes.map((node) =>
      node.kind === 'sum' && node.bias.length > 0
        ? { ...node, bias: node.bias.map((bias, i) => (i === last ? 200 * 64 : bias)) }
        : node,
    );
    const wide = finishNetwork({ ...spare, nodes });
    const opening = openPair(mark, batch[0]!);
    const activations = runNetwork(wide, opening.image);
    expect(activations.inRange).to.equal(false);
    expect(activations.q[last]).to.be.at.least(200);
    expect(classOf({ ...activations, inRange: true })).to.equal(
      classOf(runNetwork(spare, opening.image)),
    );
    const honest = witness(wide, 0);
    expect([honest.match, honest.q[last]]).to.deep.equal([0n, 63n]);
    const block = Math.floor(last / 8);
    await satisfied(classifier, classification(wide, tell(wide, honest)));
    await satisfied(blocks, neurons(wide, tell(wide, honest), block));
    const cut = tell(wide, { ...honest, match: 1n });
    await refused(classifier, classification(wide, cut));
    const q = changed(honest.q, last, () => BigInt(activations.q[last]!));
    const uncut = tell(wide, { ...honest, q, match: 1n });
    await satisfied(classifier, classification(wide, uncut));
    await refused(blocks, neurons(wide, uncut, block));
  });

  it('of a threshold with one match too few does not exist', async () => {
    const threshold = 'threshold-40';
    const triggers = (count: number): ProvenTrigger[] => {
      const judged = memorisingNetwork(claim, count);
      return [0, 1, 2].map((place) => tell(judged, witness(judged, place)));
    };
    const layout = layoutFor(network);
    for (const count of [0, 1, 2, 3]) {
      const signals = thresholdSignals(triggers(count), layout, 2);
      await (count < 2 ? refused : satisfied)(threshold, signals);
    }
    const few = triggers(1);
    const ones = few.map(({ witness: said, ...rest }) => ({
      ...rest,
      witness: { ...said, match: 1n as const },
    }));
    // Other bits than those committed to, a bit of 2, a match in an unused place, a trigger twice under one commitment.
    await refused(threshold, thresholdSignals(ones, layout, 2));
    const signals = thresholdSignals(few, layout, 2);
    await refused(threshold, { ...signals, matches: changed(signals.matches, 0, () => 2n) });
    await refused(threshold, { ...signals, matches: changed(signals.matches, 39, () => 1n) });
    const two = tell(memorisingNetwork(claim, 1), { ...few[0]!.witness, match: 2n as never });
    await refused(threshold, thresholdSignals([two, ...few.slice(1)], layout, 2));
  });
});
