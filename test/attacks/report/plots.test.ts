import { expect } from 'chai';
import fc from 'fast-check';

import { paretoPlot } from '../../../src/attacks/report/plots/pareto.js';
import { paretoFront } from '../../../src/attacks/report/plots/pareto-front.js';
import { placeLabels } from '../../../src/attacks/report/plots/place-labels.js';
import { type Plot, renderPlot } from '../../../src/attacks/report/plots/render.js';
import { sweepPlot } from '../../../src/attacks/report/plots/sweep.js';
import { accuracyPlot, lossPlot } from '../../../src/attacks/report/plots/training.js';
import { type AttackGroup, groupAttacks, numberAttacks } from '../../../src/attacks/report/rows.js';
import { type AttackRecord, succeeds } from '../../../src/attacks/index.js';
import { attackRecord, measured, point, sweepRecord } from '../records.js';

function group(...records: AttackRecord[]): AttackGroup {
  return groupAttacks(numberAttacks(records))[0]!;
}

const [curve] = attackRecord().curves;
const plots: Record<string, Plot> = {
  'many attacks': paretoPlot(group(attackRecord(), sweepRecord(), attackRecord())),
  'one attack': paretoPlot(group(attackRecord())),
  'far out': paretoPlot(
    group(
      attackRecord({
        points: [point(measured(9_990, [40, 40, 40])), point(measured(10, [0, 0, 0]))],
        before: measured(5_000, [40, 40, 40]),
      }),
    ),
  ),
  sweep: sweepPlot(sweepRecord()),
  'a sweep of one point': sweepPlot(
    sweepRecord({ points: [point(measured(1, [0, 0, 0]), { value: '-3' })] }),
  ),
  'a sweep over powers of ten': sweepPlot(
    sweepRecord({
      points: ['1e-7', '0.001', '10'].map((value) => point(measured(1, [0, 1, 2]), { value })),
    }),
  ),
  'the owner’s last layer': sweepPlot(
    sweepRecord({
      points: sweepRecord().points.map(({ after, ...rest }) => ({
        ...rest,
        after,
        ownerHead: after,
      })),
    }),
  ),
  accuracy: accuracyPlot('a title', curve!),
  loss: lossPlot('a title', curve!),
  'one epoch': accuracyPlot('a title', { ...curve!, epochs: curve!.epochs.slice(0, 1) }),
  'the loss of one epoch': lossPlot('a title', { ...curve!, epochs: curve!.epochs.slice(0, 1) }),
  'no finite loss': lossPlot('a title', {
    ...curve!,
    epochs: curve!.epochs.map((epoch) => ({ ...epoch, loss: '' })),
  }),
  'a thousand epochs': lossPlot('a title', {
    label: 'long',
    epochs: Array.from({ length: 1000 }, (_, i) => ({ ...curve!.epochs[0]!, epoch: i })),
  }),
};

describe('the pictures of a report', function () {
  this.slow(1000);

  for (const [name, plot] of Object.entries(plots)) {
    it(`shows ${name}, the same bytes each time, without ids`, async () => {
      const [first, second] = await Promise.all([renderPlot(plot), renderPlot(plot)]);
      expect(first.markup).to.equal(second.markup);
      expect(first.markup).to.match(/^<svg role="img" aria-label="[^"]+" /);
      expect(first.markup).not.to.match(/NaN|undefined|null|Infinity|[ <]id=|<script|<style/);
      // The size is the plot's, whatever the text would want.
      const { width, height, padding } = plot;
      const size = [width + padding.left + padding.right, height + padding.top + padding.bottom];
      expect(first.markup).to.include(`viewBox="0 0 ${size.join(' ')}"`);
    });
  }

  it('does not ask fonts how wide a text is', async () => {
    const { textMetrics } = (await import('vega')) as unknown as {
      textMetrics: { width: (item: unknown, text: string) => number };
    };
    const before = await renderPlot(sweepPlot(sweepRecord()));
    const estimate = textMetrics.width;
    textMetrics.width = () => 1000;
    const after = await renderPlot(sweepPlot(sweepRecord()));
    expect(after.markup).to.equal(before.markup);
    expect(textMetrics.width).to.equal(estimate);
  });

  it('escapes what comes from records', async () => {
    const hostile = '</title><script>alert(1)</script> "onload="alert(2)';
    const plot = sweepPlot(sweepRecord({ axis: hostile, title: hostile }));
    const { markup } = await renderPlot(plot);
    expect(markup).not.to.include('<script');
    expect(markup).not.to.match(/ onload="/);
    expect(markup).to.include('&#60;script&#62;');
  });

  it('refuses a plot of which the library warns', async () => {
    const plot = {
      ...sweepPlot(sweepRecord()),
      layer: [{ mark: 'arc', encoding: { x: { a: 1 } } }],
    };
    const failed = await renderPlot(plot).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(Error);
  });
});

describe('the Pareto picture', () => {
  interface Layer {
    readonly mark: { readonly type: string; readonly shape?: string };
    readonly data: { readonly values: { x: number; y: number; x2: number; y2: number }[] };
  }

  it('has a marker in the shaded region exactly when the attack succeeds', () => {
    // Mostly close to the two edges: 26 matches needed, 8,600 of 10,000 right.
    const matches = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 24, max: 28 }));
    const tests = fc.oneof(
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 8_599, max: 8_601 }),
    );
    const batches = fc.array(matches, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(tests, batches, (test, each) => {
        const only = point(measured(test, each));
        const record = attackRecord({ points: [only] });
        const layers = paretoPlot(group(record)).layer as Layer[];
        const [region] = layers.find(({ mark }) => mark.type === 'rect')!.data.values;
        const [marker] = layers
          .filter(({ mark }) => mark.shape !== undefined)
          .flatMap(({ data }) => data.values);
        const { x, y } = marker!;
        const inside = x >= region!.x && x <= region!.x2 && y >= region!.y && y <= region!.y2;
        expect(inside).to.equal(succeeds(record, only));
      }),
    );
  });

  it('has the front that no point beats', () => {
    const coordinate = fc.integer({ min: 0, max: 9 });
    const points = fc.array(fc.record({ x: coordinate, y: coordinate }), { minLength: 1 });
    fc.assert(
      fc.property(points, (all) => {
        const front = paretoFront(all);
        const beats = (a: { x: number; y: number }, b: { x: number; y: number }) =>
          a.x <= b.x && a.y >= b.y;
        for (const one of all) expect(front.some((best) => beats(best, one))).to.equal(true);
        for (const a of front) {
          for (const b of front) expect(a !== b && beats(a, b)).to.equal(false);
        }
        for (const one of front) expect(all).to.include(one);
      }),
    );
  });

  it('puts numbers where they cover neither markers nor one another', () => {
    const markers = [
      ...[
        [10, 300],
        [14, 296],
        [20, 301],
        [12, 290],
        [200, 100],
      ],
    ].map(([x = 0, y = 0], i) => ({ x, y, text: String(i + 1) }));
    const size = { width: 360, height: 310 };
    const labels = placeLabels(markers, { ...size, others: [{ x: 215, y: 100 }] });
    expect(labels.map(({ text }) => text)).to.deep.equal(['1', '2', '3', '4', '5']);
    const apart = (a: { x: number; y: number }, b: { x: number; y: number }, across: number) =>
      Math.abs(a.x - b.x) >= across || Math.abs(a.y - b.y) >= 12;
    labels.forEach((a, i) => {
      for (const b of labels.slice(i + 1)) expect(apart(a, b, 7.5)).to.equal(true);
      for (const marker of markers) expect(apart(a, marker, 9)).to.equal(true);
      expect(a.x > 0 && a.x < size.width && a.y > 0 && a.y < size.height).to.equal(true);
    });
  });

  it('names markers on one spot together', () => {
    const spot = { x: 50, y: 50 };
    const markers = ['1', '2', '3'].map((text) => ({ ...spot, text }));
    const labels = placeLabels(markers, { width: 100, height: 100, others: [] });
    expect(labels.map(({ text }) => text)).to.deep.equal(['1, 2, 3']);
  });
});
