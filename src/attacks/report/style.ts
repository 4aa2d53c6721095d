/** The page's only style sheet: screen, phone and paper. */
export const style = `
:root { color-scheme: light; --ink: #1d2126; --quiet: #5b6470; --line: #d5d9de; --soft: #f5f6f8; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: #fff; color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -0.015em; margin: 0 0 1.25rem; }
h2 { font-size: 1.3rem; line-height: 1.3; letter-spacing: -0.01em; margin: 3.25rem 0 0.5rem; }
h3 { font-size: 1rem; line-height: 1.4; margin: 0 0 0.25rem; }
p, ul, ol { max-width: 44rem; margin: 0 0 0.9rem; }
a { color: inherit; text-decoration-color: #9aa2ac; text-underline-offset: 0.18em; }
small, .small { font-size: 0.8125rem; line-height: 1.45; color: var(--quiet); }
code { font: 0.875em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
svg { max-width: 100%; height: auto; }

.lead { border-left: 4px solid var(--ink); padding: 0.1rem 0 0.1rem 1.25rem; }
.lead p, .lead ul { max-width: 50rem; }
.lead > p:last-child { margin-bottom: 0; }
.lead .finding { font-size: 1.25rem; line-height: 1.4; margin-bottom: 0.5rem; }
.lead ul { padding-left: 1.25rem; font-size: 1rem; line-height: 1.5; }
.lead li { margin-bottom: 0.2rem; }
.warning { border: 1.5px solid #b2480e; padding: 0.6rem 0.9rem; margin-top: 1.25rem; }

.scroll { overflow-x: auto; -webkit-overflow-scrolling: touch; }
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; line-height: 1.4;
  font-variant-numeric: tabular-nums lining-nums; }
th { text-align: left; font-weight: 600; font-size: 0.8125rem; color: var(--quiet); vertical-align: bottom;
  padding: 0.4rem 1.1rem 0.4rem 0; border-bottom: 1.5px solid var(--ink); }
td, tbody th { vertical-align: top; padding: 0.55rem 1.1rem 0.6rem 0; border-bottom: 1px solid var(--line); }
tbody th { font-size: inherit; color: inherit; }
.number { text-align: right; }
td > small, th > small { display: block; font-weight: 400; }
td.verdict { min-width: 9.5rem; max-width: 12rem; }
.cards tbody th { min-width: 11rem; }
details table { font-size: 0.8125rem; }
details small, details th { font-size: 0.75rem; }
details th, details td, details tbody th { padding-right: 0.9rem; padding-top: 0.35rem; padding-bottom: 0.4rem; }
details td.verdict { min-width: 0; }
.below { margin-top: 0.75rem; }
.nowrap { white-space: nowrap; }
.word { font-weight: 600; white-space: nowrap; }
tr.succeeded > * { background: #fdf5e3; }
tr.succeeded > :first-child { box-shadow: inset 4px 0 #d9a441; padding-left: 0.7rem; }
tr > :first-child { padding-left: 0.7rem; }
.marker { width: 0.75rem; max-width: none; height: 0.75rem; margin-right: 0.4rem; vertical-align: -0.06em; }

figure { margin: 0; min-width: 0; }
figure > svg, figure > .small { display: block; }
figcaption { margin-bottom: 0.4rem; }
.grid { display: grid; gap: 2rem 2.25rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); }
.grid.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); }
.model { margin: 1.75rem 0 0.6rem; }
h2 + .model { margin-top: 0.75rem; }
.beside { display: flex; flex-wrap: wrap; gap: 1.5rem 3rem; align-items: flex-start; }
.beside > figure { flex: 0 1 31rem; min-width: min(100%, 20rem); }
.beside svg[role] { width: 100%; }
.beside > div { flex: 1 1 18rem; }
.key { list-style: none; padding: 0; margin: 0.25rem 0 1rem; }
.key li { display: flex; gap: 0.6rem; align-items: baseline; margin-bottom: 0.25rem; }
.key svg { flex: none; }
.key.row { display: flex; flex-wrap: wrap; gap: 0.2rem 1.75rem; max-width: none; }
.attacks { columns: 2 15rem; column-gap: 2rem; padding-left: 0; list-style: none; margin-top: 0.75rem; }
.attacks li { break-inside: avoid; display: flex; gap: 0.6rem; margin-bottom: 0.2rem; }
.attacks b { min-width: 1.4em; text-align: right; font-variant-numeric: tabular-nums; }

details { margin-top: 0.5rem; }
summary { cursor: pointer; font-size: 0.875rem; color: var(--quiet); padding: 0.25rem 0; }
.runs { display: grid; gap: 0 2.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); }
.run { border-top: 1px solid var(--line); padding: 1rem 0 1.25rem; break-inside: avoid; }
dl { display: grid; grid-template-columns: minmax(6.5rem, 8rem) 1fr; gap: 0.15rem 1rem; margin: 0.4rem 0 0; font-size: 0.875rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.sheet img { display: block; width: 100%; min-width: 40rem; max-width: 1500px; image-rendering: auto; }

@media screen and (max-width: 64rem) {
  .cards, .cards tr, .cards td, .cards tbody th { display: block; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards tbody { display: grid; column-gap: 2.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
  .cards tr { padding: 0.8rem 0; border-top: 1.5px solid var(--ink); }
  .cards tr.succeeded { background: #fdf5e3; box-shadow: inset 4px 0 #d9a441; padding-left: 0.9rem; padding-right: 0.6rem; }
  .cards tr.succeeded > *, .cards tr > * { background: none; border: 0; padding: 0.12rem 0 !important; box-shadow: none !important; }
  .cards td { display: grid; grid-template-columns: 8.2rem 1fr; column-gap: 0.6rem; text-align: left; }
  .cards td::before { content: attr(data-label); color: var(--quiet); font-size: 0.8125rem; line-height: 1.6; }
  .cards td > small { grid-column: 2; }
  .cards tbody th { font-size: 1.0625rem; margin-bottom: 0.3rem; min-width: 0; }
  .cards td.verdict { max-width: none; min-width: 0; }
}

@media (max-width: 44rem) {
  body { font-size: 15px; }
  main { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.6rem; }
  h2 { margin-top: 2.5rem; }
  .lead { padding-left: 0.9rem; }
  .beside > div { flex-basis: 100%; }
}

@media print {
  @page { margin: 16mm 14mm; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h2, h3, .key, figcaption { break-after: avoid; }
  .lead .finding { font-size: 11.5pt; }
  .lead ul { font-size: 10pt; }
  small, .small { font-size: 8pt; }
  tr, figure { break-inside: avoid; }
  .scroll { overflow: visible; }
  .grid.wide { grid-template-columns: 1fr; }
  table { font-size: 8.5pt; }
  th, td, tbody th { padding-right: 0.6rem; }
  details::details-content { content-visibility: visible; block-size: auto; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
