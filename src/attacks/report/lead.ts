import { allowedAccuracyLoss } from '../success.js';
import { html, type Markup, type Part } from './html.js';
import type { AttackGroup, NumberedAttack } from './rows.js';
import { changeWords, pointName } from './rows.js';
import { counted, countOf, grouped, listed, percent, shortDigest, verdictWords } from './text.js';

/** An attack that is known, whether or not it was tried. */
export interface KnownAttack {
  /** As in `AttackRecord.attack`. */
  readonly attack: string;
  readonly title: string;
}

/** Known attacks of which there is no record. */
export function notTried(
  attacks: readonly NumberedAttack[],
  known: readonly KnownAttack[],
): KnownAttack[] {
  const tried = new Set(attacks.map(({ record }) => record.attack));
  return known.filter(({ attack }) => !tried.has(attack));
}

/** The first lines of the page: what was attacked, how often, with what success, and what was not tried. */
export function leadMarkup(
  groups: readonly AttackGroup[],
  { attacks, missing }: { attacks: readonly NumberedAttack[]; missing: readonly KnownAttack[] },
): Markup {
  return html`<div class="lead">
      ${groups.map(attackedMarkup)}
      <div class="finding">${findingMarkup(attacks)}</div>
      <p>
        An attack <em>succeeds</em> only if the mark’s verdict is lost, so that at least one batch
        of hidden triggers no longer proves the claim, while test accuracy falls by at most
        ${allowedAccuracyLoss} points.
      </p>
      <p>${notTriedMarkup(missing)}</p>
    </div>
    ${warnings(groups)}`;
}

function notTriedMarkup(missing: readonly KnownAttack[]): Part {
  if (missing.length === 0) return 'Every known kind of attack was tried.';
  return html`<strong>Not tried:</strong> ${listed(missing.map(({ title }) => title))}.`;
}

function attackedMarkup([{ record }]: AttackGroup): Markup {
  const { before, model, commitment } = record;
  return html`<p>
    Attacked was the model <code title="${model}">${shortDigest(model)}</code> with the mark of the
    commitment <code title="${commitment}">${shortDigest(commitment)}</code>. Before the attacks it
    classified ${percent(before.test)} of ${grouped(before.test.total)} test images right and
    matched ${countOf(before.triggers)} hidden triggers: ${verdictWords[before.verdict]}.
  </p> `;
}

function findingMarkup(attacks: readonly NumberedAttack[]): Markup {
  const won = attacks.filter(({ succeeded }) => succeeded);
  const kinds = new Set(attacks.map(({ record }) => record.attack)).size;
  const made = counted(attacks.length, 'attack');
  const tried = kinds === attacks.length ? made : `${made} of ${counted(kinds, 'kind')}`;
  const verb = attacks.length === 1 ? 'was' : 'were';
  if (won.length === 0) return html`<p>${tried} ${verb} made. <strong>None succeeded.</strong></p>`;
  return html`<p>${tried} ${verb} made. <strong>${won.length} succeeded:</strong></p>
    <ul>
      ${won.map(
        ({ record, point, number }) =>
          html`<li>
            ${record.title}${record.points.length > 1 ? `, ${pointName(record, point)}` : ''}
            (number ${number}): ${changeWords(record, point)}, ${countOf(point.after.triggers)}
            triggers still matched, ${verdictWords[point.after.verdict]}
          </li>`,
      )}
    </ul>`;
}

/** What was not marked before cannot lose its mark. */
function warnings(groups: readonly AttackGroup[]): Markup[] {
  return groups
    .filter(([{ record }]) => record.before.verdict !== 'proved')
    .map(
      ([{ record }]) =>
        html`<p class="warning">
          <strong>Warning.</strong> The mark of the model ${shortDigest(record.model)} was
          ${verdictWords[record.before.verdict]} before any attack, so that a lost verdict says
          nothing about the attacks on it.
        </p>`,
    );
}
