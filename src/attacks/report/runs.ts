import type { AttackRecord, Measurement } from '../record.js';
import { html, type Markup, type Part } from './html.js';
import type { AttackGroup, NumberedAttack } from './rows.js';
import { epochs } from './tables.js';
import { countOf, grouped, log2P, percent, shortDigest, verdictWords } from './text.js';

/** How each attack was made: models and marks in full, then for each attack options, data, seed, cost, notes. */
export function runsMarkup(groups: readonly AttackGroup[]): Markup {
  return html`${groups.map(
      ([{ record }]) =>
        html`<dl>
          <dt>model</dt>
          <dd><code>${record.model}</code></dd>
          <dt>commitment</dt>
          <dd><code>${record.commitment}</code></dd>
        </dl>`,
    )}
    <div class="runs below">${groups.flat().sort(byNumber).map(runMarkup)}</div>`;
}

function byNumber(a: NumberedAttack, b: NumberedAttack): number {
  return a.number - b.number;
}

function runMarkup({ number, record }: NumberedAttack): Markup {
  const { title, notes } = record;
  const facts = factsOf(record).filter(([, value]) => value !== '');
  return html`<section class="run" id="attack-${number}">
    <h3>${number}. ${title}</h3>
    ${notes.map((note) => html`<p class="small">${note}</p>`)}
    <dl>
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
  </section> `;
}

function factsOf(record: AttackRecord): [name: string, value: Part][] {
  const { attack, options, model, data, seed, backend, second } = record;
  return [
    ['kind', html`<code>${attack}</code>`],
    ...Object.entries(options),
    ['model', html`<code>${shortDigest(model)}</code>`],
    ['data', data],
    ['seed', seed],
    ['backend', backend],
    ['cost', costWords(record)],
    ...(second
      ? ([
          ['attacker’s own mark before', measurementWords(second.before)],
          ['attacker’s own mark after', measurementWords(second.after)],
        ] as [string, string][])
      : []),
  ];
}

function measurementWords(one: Measurement): string {
  return `${verdictWords[one.verdict]}: ${countOf(one.triggers)} triggers matched, log₂ p ${log2P(one)}, test accuracy ${percent(one.test)}`;
}

function costWords(record: AttackRecord): string {
  const { queries, seconds } = record.cost;
  return `${epochs(record)} epochs, ${grouped(queries)} queries, ${duration(seconds)}`;
}

/** `1 h 05 min`, `12 min 05 s` or `41 s`. */
function duration(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  return minutes > 0 ? `${minutes} min ${two(seconds % 60)} s` : `${seconds} s`;
}
