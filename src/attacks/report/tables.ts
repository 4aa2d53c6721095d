import type { AttackPoint, AttackRecord, Measurement } from '../record.js';
import { isUsable } from '../success.js';
import { html, type Markup, type Part } from './html.js';
import { verdictIcon } from './icons.js';
import type { AttackGroup, NumberedAttack } from './rows.js';
import { changeWords, pointName, resultOf } from './rows.js';
import {
  countOf,
  counted,
  decimal,
  grouped,
  log2P,
  percent,
  verdictWords,
  weakestBatch,
} from './text.js';

/** One row for each attack, at its strongest point. On a phone each row becomes a card. */
export function attackTable(attacks: AttackGroup): Markup {
  const { threshold, batchSize } = attacks[0].record.before;
  const needed = html`Triggers matched${nowrapSmall(`a batch needs ${threshold} of ${batchSize}`)}`;
  const names: Part[] = ['Attack', 'Test accuracy', needed, 'log₂ p', 'Verdict', 'Succeeded?'];
  return html`<div class="scroll">
    <table class="cards" role="table">
      <thead role="rowgroup">
        <tr role="row">
          ${names.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}
          ${['Epochs', 'Queries'].map(
            (name) => html`<th role="columnheader" scope="col" class="number">${name}</th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${attacks.map(attackRow)}
      </tbody>
    </table>
  </div>`;
}

function attackRow({ number, record, point }: NumberedAttack): Markup {
  const { before, cost } = record;
  const { after } = point;
  const { word, reason } = resultOf(record, point);
  return html`<tr role="row" class="${word}">
    <th role="rowheader" scope="row">
      ${number}.
      <a href="#attack-${number}">${record.title}</a>${small(variantWords(record, point))}
    </th>
    ${cell('Test accuracy', html`<span>${arrow(percent(before.test), percent(after.test))}</span>${small(changeWords(record, point))}`)}
    ${cell('Triggers matched', html`<span>${arrow(grouped(before.triggers.correct), countOf(after.triggers))}</span>${nowrapSmall(batchWords(after))}`)}
    ${cell('log₂ p', html`<span>${arrow(log2P(before), log2P(after))}</span>`)}
    ${cell('Verdict', html`<span>${verdict(after)}</span>${ownerHeadWords(point)}`, 'verdict')}
    ${cell('Succeeded?', html`<span class="word">${word === 'succeeded' ? 'Yes' : 'No'}</span>${small(reason)}`)}
    ${cell('Epochs', epochs(record), 'number')} ${cell('Queries', grouped(cost.queries), 'number')}
  </tr> `;
}

/** Every point of an attack, as one table in its own scrolling box. */
export function pointTable(record: AttackRecord): Markup {
  const names = ['Test accuracy', 'Triggers matched', 'log₂ p', 'Verdict', 'Succeeded?'];
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${[record.axis ?? 'Variant', ...names].map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${record.points.map((point) => {
          const { word } = resultOf(record, point);
          return html`<tr class="${word}">
            <th scope="row">${point.label}${small(valueWords(record, point))}</th>
            <td class="nowrap">${percent(point.after.test)}${small(changeWords(record, point))}</td>
            <td class="nowrap">
              ${countOf(point.after.triggers)}${small(`weakest batch ${weakestBatch(point.after)}`)}
            </td>
            <td class="nowrap">${log2P(point.after)}</td>
            <td class="verdict">${verdict(point.after)}${ownerHeadWords(point)}</td>
            <td class="word">${word === 'succeeded' ? 'Yes' : 'No'}</td>
          </tr> `;
        })}
      </tbody>
    </table>
  </div>`;
}

/** Models that were trained for another task: what they kept of the mark, without a word on success. */
export function transferTable(attacks: readonly NumberedAttack[]): Markup {
  const names = [
    'Task',
    'Test accuracy there',
    'Triggers, thief’s layer',
    'Triggers, owner’s layer',
  ];
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${names.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${attacks.map(({ record, point: { after, ownerHead } }) => {
          const own = ownerHead
            ? html`${countOf(ownerHead.triggers)} ${verdict(ownerHead)}`
            : 'the same layer';
          return html`<tr>
            <th scope="row">${record.otherTask ?? ''}</th>
            <td class="nowrap">${percent(after.test)}</td>
            <td class="verdict">${countOf(after.triggers)} ${verdict(after)}</td>
            <td class="verdict">${own}</td>
          </tr> `;
        })}
      </tbody>
    </table>
  </div>`;
}

/** The value of a point on the axis, where its label does not say it. */
function valueWords({ axis }: AttackRecord, { label, value }: AttackPoint): string {
  return axis === undefined || label === value ? '' : value;
}

function variantWords(record: AttackRecord, point: AttackPoint): string {
  const count = record.points.length;
  if (count === 1) return '';
  const rank = isUsable(record, point) ? 'strongest' : 'mildest';
  return `${pointName(record, point)}, the ${rank} of ${counted(count, 'point')}`;
}

function batchWords(after: Measurement): string {
  return `weakest batch ${weakestBatch(after)} of ${after.batchSize}`;
}

function ownerHeadWords({ ownerHead }: AttackPoint): Part {
  if (ownerHead === undefined) return '';
  const { triggers, verdict: word } = ownerHead;
  return small(`owner’s last layer put back: ${verdictWords[word]}, ${countOf(triggers)}`);
}

/** A verdict as a marker and a word. */
export function verdict({ verdict: word }: Measurement): Markup {
  return html`<span class="nowrap">${verdictIcon(word)}${verdictWords[word]}</span>`;
}

/** Epochs with at most two digits. */
export function epochs({ cost }: AttackRecord): string {
  const count = Number(cost.epochs);
  return Number.isInteger(count) ? grouped(count) : decimal(count, 2);
}

function cell(label: string, content: Part, name = ''): Markup {
  return html`<td role="cell" data-label="${label}" class="${name}">${content}</td>`;
}

function arrow(before: string, after: string): Markup {
  return html`<span class="nowrap">${before} → ${after}</span>`;
}

function small(text: string): Part {
  return text === '' ? '' : html`<small>${text}</small>`;
}

function nowrapSmall(text: string): Markup {
  return html`<small class="nowrap">${text}</small>`;
}
