import { allowedAccuracyLoss } from '../success.js';
import { html, type Markup } from './html.js';
import { seriesIcon, verdictIcon } from './icons.js';
import { paretoPlot } from './plots/pareto.js';
import { renderPlot } from './plots/render.js';
import { seriesStyles } from './plots/series.js';
import { sweepPlot } from './plots/sweep.js';
import { accuracyPlot, lossPlot } from './plots/training.js';
import type { AttackGroup, NumberedAttack } from './rows.js';
import { pointTable } from './tables.js';
import { counted, verdictWords } from './text.js';

/** Accuracy lost against mark lost, with its key beside it. */
export async function paretoFigure(attacks: AttackGroup): Promise<Markup> {
  const [{ record }] = attacks;
  const { batchSize, threshold } = record.before;
  const hasSweep = attacks.some(({ record: { points } }) => points.length > 1);
  return html`<div class="beside">
    <figure>${await renderPlot(paretoPlot(attacks))}</figure>
    <div>
      <p>
        To the left is cheap for the attacker, up is bad for the owner. An attack succeeds in the
        shaded region: at most ${allowedAccuracyLoss} points of test accuracy lost, and fewer than
        ${threshold} of ${batchSize} matches in the weakest batch of triggers.
      </p>
      <ul class="key">
        ${(['proved', 'partly', 'not-proved'] as const).map(
          (one) =>
            html`<li>${verdictIcon(one)}<span>${verdictWords[one]} after the attack</span></li>`,
        )}
      </ul>
      <p class="small">
        ${
          hasSweep
            ? 'Large markers with a number are attacks at their strongest, small ones the other points of a sweep. '
            : ''
        }The
        line is the front: the most of the mark that any attack took at that price.
      </p>
      <ol class="attacks small">
        ${attacks.map(
          ({ number, record: { title } }) => html`<li><b>${number}</b> <span>${title}</span></li>`,
        )}
      </ol>
    </div>
  </div>`;
}

/** Curves and tables of attacks with several points. */
export async function sweepFigures(attacks: readonly NumberedAttack[]): Promise<Markup[]> {
  const sweeps = attacks.filter(({ record }) => record.points.length > 1);
  return Promise.all(
    sweeps.map(async ({ number, record }) => {
      const curve = record.axis === undefined ? '' : await renderPlot(sweepPlot(record));
      return html`<figure class="sweep">
        <figcaption><h3>${number}. ${record.title}</h3></figcaption>
        ${curve}
        <details>
          <summary>All ${counted(record.points.length, 'point')}</summary>
          ${pointTable(record)}
        </details>
      </figure> `;
    }),
  );
}

/** Accuracy and loss of every training run. */
export async function trainingFigures(attacks: readonly NumberedAttack[]): Promise<Markup[]> {
  const runs = attacks.flatMap(({ number, record: { title, curves } }) =>
    curves.filter(({ epochs }) => epochs.length > 0).map((curve) => ({ number, title, curve })),
  );
  return Promise.all(
    runs.map(async ({ number, title, curve }) => {
      const [accuracy, loss] = [accuracyPlot(title, curve), lossPlot(title, curve)];
      return html`<figure>
        <figcaption>
          <h3>${number}. ${title}</h3>
          <span class="small">${curve.label}</span>
        </figcaption>
        ${await renderPlot(accuracy)}
        <span class="small">mean loss</span>
        ${await renderPlot(loss)}
      </figure> `;
    }),
  );
}

/** What the lines of sweeps and training curves mean. */
export function seriesKey(names: readonly (keyof typeof seriesStyles)[]): Markup {
  return html`<ul class="key row small">
    ${names.map(
      (name) =>
        html`<li>${seriesIcon(seriesStyles[name])}<span>${seriesStyles[name].name}</span></li>`,
    )}
  </ul>`;
}
