import type { AttackRecord } from '../record.js';
import { paretoFigure, seriesKey, sweepFigures, trainingFigures } from './figures.js';
import { html, type Markup, type Part, trusted } from './html.js';
import { type KnownAttack, leadMarkup, notTried } from './lead.js';
import { type AttackGroup, groupAttacks, numberAttacks } from './rows.js';
import { runsMarkup } from './runs.js';
import { style } from './style.js';
import { attackTable, transferTable } from './tables.js';
import { shortDigest } from './text.js';

/** What a report is made of. */
export interface ReportInput {
  /** At least one, in the order in which they are to stand. */
  readonly records: readonly AttackRecord[];
  /** The attacks that somebody would expect to be tried. */
  readonly known: readonly KnownAttack[];
  /** Data URL of a PNG picture of the triggers, which are secret: only with the owner's consent. */
  readonly contactSheet?: string | undefined;
}

/**
 * The report as one HTML file, without scripts and without anything from a network. The same bytes for the same records on
 * every machine.
 */
export async function reportPage({ records, known, contactSheet }: ReportInput): Promise<string> {
  const attacks = numberAttacks(records);
  const removals = attacks.filter(({ record }) => record.otherTask === undefined);
  const transfers = attacks.filter(({ record }) => record.otherTask !== undefined);
  const groups = groupAttacks(removals);
  const hasOwnerHead = records.some(
    ({ axis, points }) => axis !== undefined && points.some((point) => point.ownerHead),
  );
  const sweeps = await sweepFigures(removals);
  const training = await trainingFigures(attacks);
  const pictures = await Promise.all(groups.map(paretoFigure));
  const body = html`<main>
    <h1>Attacks on a neural network’s watermark</h1>
    ${leadMarkup(groups, { attacks: removals, missing: notTried(attacks, known) })}
    ${
      groups.length === 0
        ? ''
        : section(
            'What each attack did',
            perGroup(groups, (group) => attackTable(group)),
          )
    }
    <p class="small below">
      p is the chance that a model without the mark matches as many triggers as the weakest batch
      did, before a judge’s allowances. Epochs and queries are of the whole attack, all points of a
      sweep together.
    </p>
    ${transfers.length === 0 ? '' : section('Transfer to another task', transferTable(transfers))}
    ${
      groups.length === 0
        ? ''
        : section(
            'Accuracy lost against mark lost',
            perGroup(groups, (_, i) => pictures[i] ?? ''),
          )
    }
    ${
      sweeps.length === 0
        ? ''
        : section('Sweeps', [
            seriesKey(hasOwnerHead ? ['test', 'triggers', 'ownerHead'] : ['test', 'triggers']),
            html`<div class="grid wide">${sweeps}</div>`,
          ])
    }
    ${
      training.length === 0
        ? ''
        : section('Training curves', [
            seriesKey(['test', 'triggers']),
            html`<div class="grid">${training}</div>`,
          ])
    }
    ${contactSheet === undefined ? '' : section('The triggers', sheetMarkup(contactSheet))}
    ${section('How each attack was made', runsMarkup(groupAttacks(attacks)))}
  </main>`;
  return documentOf(body).markup;
}

function section(title: string, content: Part): Markup {
  return html`<h2>${title}</h2>
    ${content}`;
}

/** One part for each model, named where there are several. */
function perGroup(
  groups: readonly AttackGroup[],
  part: (group: AttackGroup, index: number) => Part,
): Part {
  return groups.map((group, i) => {
    const name = html`<h3 class="model">
      Model <code>${shortDigest(group[0].record.model)}</code>
    </h3>`;
    return groups.length === 1 ? part(group, i) : html`${name}${part(group, i)}`;
  });
}

function sheetMarkup(contactSheet: string): Markup {
  if (!/^data:image\/png;base64,[A-Za-z0-9+/]+=*$/.test(contactSheet)) {
    throw new Error('the contact sheet is no data URL of a PNG picture');
  }
  return html`<p>
      Shown with the owner’s consent. <strong>These pictures are secret</strong>: whoever has them
      can train them out of a model or claim to have known them. Do not publish this page.
    </p>
    <div class="scroll sheet">
      <img
        src="${contactSheet}"
        alt="The triggers, each with its number, its group and its label"
      />
    </div>`;
}

function documentOf(body: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <title>Attacks on a neural network’s watermark</title>
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `;
}
