import { html, type Markup, type Part } from '../attacks/report/html.js';
import { bytesToHex, toBase64 } from '../base/index.js';
import type { Commitment } from '../commitment/index.js';
import { encodePng } from '../files/index.js';
import { isDoubtful, type PanelRow } from '../verifier/index.js';

const style = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem; background: #fff; color: #1d2126;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.5rem; break-after: avoid; }
p { max-width: 46rem; margin: 0 0 0.8rem; }
code { font: 0.85em/1.4 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); }
li { border: 1px solid #8a929c; padding: 0.75rem; display: flex; gap: 0.9rem; break-inside: avoid; }
li.doubtful { border: 3px double #1d2126; }
li > div { flex: 1; min-width: 0; }
img { flex: none; width: 7rem; align-self: flex-start; image-rendering: pixelated; border: 1px solid #d5d9de; }
h3 { font-size: 1rem; margin: 0; }
dl { margin: 0.2rem 0 0.4rem; font-size: 0.9rem; display: grid; grid-template-columns: auto 1fr; gap: 0 0.6rem; }
dt { color: #4a525c; }
dd { margin: 0; overflow-wrap: anywhere; }
.ask { font-size: 0.85rem; margin: 0; }
.tick { white-space: nowrap; }
.box { display: inline-block; width: 0.8em; height: 0.8em; border: 1px solid #1d2126; margin-right: 0.25rem; }
@media print {
  @page { margin: 14mm; }
  body { font-size: 9.5pt; max-width: none; padding: 0; }
  ul { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 3mm; }
  li { padding: 2mm; }
  img { width: 26mm; }
}
`;

/**
 * A page for a person who is to confirm what no program can tell: each picture, its committed label, the class that the owner says a person
 * sees, and what the panel answers. One HTML file without scripts and without anything from a network.
 */
export async function panelPage({
  commitment,
  rows,
  models,
}: {
  commitment: Commitment;
  rows: readonly PanelRow[];
  /** Digests of the panel, in hexadecimal. */
  models: readonly string[];
}): Promise<string> {
  const card = (row: PanelRow): Promise<Markup> => cardOf(row, commitment, models.length);
  const doubtful = await Promise.all(rows.filter(isDoubtful).map(card));
  const others = await Promise.all(rows.filter((row) => !isDoubtful(row)).map(card));
  const body = html`<main>
    <h1>Opened triggers, for a person to look at</h1>
    <p>
      Commitment <code>${bytesToHex(commitment.digest)}</code>. ${rows.length} pairs are open.
      ${models.length} models that know no mark were asked about each.
    </p>
    <p>
      Look at every picture. Does it show the class that the owner names, or, where the owner names
      none, no class at all? A picture that shows its committed label proves nothing: any model
      answers it. Tick, and sign below.
    </p>
    ${section('Most of the panel answers the committed label', doubtful)}
    ${section('The others', others)}
    <h2>Seen by</h2>
    <p>Name, date, signature: ______________________________________</p>
    <h2>The panel</h2>
    ${models.map((digest) => html`<p><code>${digest}</code></p>`)}
  </main>`;
  return page(body).markup;
}

function section(title: string, cards: readonly Markup[]): Part {
  if (cards.length === 0) return '';
  return html`<h2>${title}: ${cards.length}</h2>
    <ul>
      ${cards}
    </ul>`;
}

async function cardOf(row: PanelRow, commitment: Commitment, models: number): Promise<Markup> {
  const { opening, label, natural, votes, others } = row;
  const { classNames } = commitment.parameters;
  const isAudited = commitment.order.audited.includes(opening.index);
  const name = (index: number): string => classNames[index] ?? 'no class';
  const source = `data:image/png;base64,${toBase64(await encodePng(opening.image))}`;
  const ranked = votes
    .map((count, index) => ({ count, what: name(index) }))
    .concat({ count: others, what: 'another class' })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const alt = `Picture ${opening.index}; the owner says it shows ${name(natural)}, its committed label is ${name(label)}`;
  return html`<li class="${isDoubtful(row) ? 'doubtful' : 'plain'}">
    <img src="${source}" alt="${alt}" />
    <div>
      <h3>#${opening.index}, ${isAudited ? 'audited' : 'opened in the session'}</h3>
      <dl>
        <dt>Committed</dt>
        <dd>${name(label)}</dd>
        <dt>Declared</dt>
        <dd>${name(natural)}</dd>
        <dt>Panel</dt>
        <dd>${ranked.map(({ count, what }) => `${what} ${count} of ${models}`).join('; ')}</dd>
      </dl>
      <p class="ask">
        Shows what is declared?
        <span class="tick"><span class="box"></span>yes</span>
        <span class="tick"><span class="box"></span>no: ________</span>
      </p>
    </div>
  </li>`;
}

function page(body: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        />
        <title>Opened triggers</title>
        <style>
          ${{ markup: style }}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `;
}
