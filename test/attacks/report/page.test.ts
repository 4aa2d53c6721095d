import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'chai';

import { type AttackRecord, reportJson, reportPage } from '../../../src/attacks/index.js';
import { attackRecord, measured, point, sweepRecord } from '../records.js';
import { input, records, sheet } from './made-up.js';

/** The words of a page without its markup, pictures and style. */
function words(page: string): string {
  return page
    .replace(/<style>[\s\S]*?<\/style>|<svg[\s\S]*?<\/svg>|<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/[\s\u00a0]+/g, ' ')
    .replace(/ ([,.:;])/g, '$1');
}

/** Names of a page's elements in their order. */
function elements(page: string): string[] {
  return [...page.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([tag]) => tag);
}

describe('the page of a report', function () {
  this.slow(3000);

  it('says first what was attacked, how often, with what success, and what was not tried', async () => {
    const page = await reportPage(input);
    const text = words(page);
    expect(text).to.match(
      /Attacked was the model abababababab… with the mark of the commitment cdcdcdcdcdcd…\. Before the attacks it classified 91\.00 % of 10,000 test images right and matched 120 of 120 hidden triggers: proved\./,
    );
    expect(text).to.include('4 attacks were made. 2 succeeded: Retrain the last layer (number 2)');
    expect(text).to.include(
      'Prune by magnitude, sparsity 0.9 (number 3): 4.60 points lost, 72 of 120 triggers still matched, not proved',
    );
    expect(text).to.include('Not tried: distilling.');
    expect(text.indexOf('Not tried')).to.be.lessThan(text.indexOf('What each attack did'));
  });

  it('says when no attack succeeded, when all were tried, and when there was no mark to lose', async () => {
    const none = await reportPage({ records: [attackRecord()], known: [] });
    expect(words(none)).to.include('1 attack was made. None succeeded.');
    expect(words(none)).to.include('Every known kind of attack was tried.');
    expect(words(none)).not.to.include('Warning');
    const unmarked = attackRecord({ before: measured(9_100, [4, 40, 40]) });
    expect(words(await reportPage({ ...input, records: [unmarked] }))).to.include(
      'was partly proved before any attack, so that a lost verdict says nothing',
    );
  });

  it('has a row for each attack with all that the rule rests on', async () => {
    const text = words(await reportPage(input));
    expect(text).to.include(
      '1. Fine-tune all layers 91.00 % → 90.50 % 0.50 points lost 120 → 119 of 120 weakest batch 39 of 40 −132.8 → −129.5 proved No mark still proved 3 0',
    );
    expect(text).to.include('not proved owner’s last layer put back: proved, 119 of 120 Yes 3 0');
    expect(text).to.include('sparsity 0.9, the strongest of 4 points');
    expect(text).to.include('2.50 60,000');
    expect(text).to.include('2.50 epochs, 60,000 queries, 1 h 02 min');
    expect(text).to.include('attacker’s own mark after proved: 80 of 80 triggers matched');
  });

  it('says why an attack failed that took the mark, and names the mildest point', async () => {
    const costly = sweepRecord({ points: sweepRecord().points.slice(3) });
    const two = { ...costly, points: [...costly.points, ...costly.points] };
    const text = words(await reportPage({ ...input, records: [two] }));
    expect(text).to.include('the mildest of 2 points');
    expect(text).to.include('28.90 points lost');
    expect(text).to.include('not proved No more than 5 points lost');
  });

  it('shows every point of a sweep, curves, and the triggers only when they are given', async () => {
    const without = await reportPage(input);
    expect(words(without)).to.include('All 4 points');
    expect(without.match(/<svg role="img"/g)).to.have.length(1 + 1 + 4);
    expect(without).not.to.include('<img');
    const page = await reportPage({ ...input, contactSheet: sheet });
    expect(page).to.match(/<img\s+src="data:image\/png;base64,/);
    expect(page).to.include(sheet);
    expect(words(page)).to.include('These pictures are secret');
  });

  it('refuses a contact sheet that is no PNG', async () => {
    for (const contactSheet of ['javascript:alert(1)', `${sheet}" onerror="alert(1)`]) {
      const failed = await reportPage({ ...input, contactSheet }).catch((error: unknown) => error);
      expect(failed).to.be.instanceOf(Error);
    }
  });

  it('keeps attacks on another model apart', async () => {
    const other = attackRecord({ model: 'ef'.repeat(32), title: 'On another model' });
    const page = await reportPage({ ...input, records: [...records, other] });
    expect(words(page)).to.match(/Attacked was the model efefefefefef….*5 attacks of 4 kinds/);
    expect(page.match(/<table class="cards"/g)).to.have.length(2);
  });

  it('lets nothing from a record become markup', async () => {
    const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&#60;`;
    const filled = (text: string): AttackRecord => ({
      ...sweepRecord({ curves: attackRecord().curves }),
      title: text,
      axis: text.slice(0, 60),
      data: text,
      seed: text,
      backend: text,
      options: { option: text },
      notes: [text],
      points: sweepRecord().points.map((one) => ({ ...one, label: text })),
      curves: attackRecord().curves.map((one) => ({ ...one, label: text })),
    });
    const known = (text: string) => [{ attack: 'other', title: text }];
    const [plain, page] = await Promise.all(
      ['plain', hostile].map((text) => reportPage({ records: [filled(text)], known: known(text) })),
    );
    expect(elements(page!)).to.deep.equal(elements(plain!));
    expect(page).not.to.match(/<script|<img/);
    const attributes = page!
      .match(/<[^>]*>/g)!
      .join('')
      .replace(/"[^"]*"/g, '""');
    expect(attributes).not.to.match(/onerror|alert/);
    expect(words(page!)).to.include(hostile.replace(/\s+/g, ' '));
  });

  it('is one file: no script, and nothing from elsewhere', async () => {
    const page = await reportPage({ ...input, contactSheet: sheet });
    expect(page).not.to.match(/<(script|link|iframe|object|embed|base|form)\b/i);
    expect(page.replaceAll(/ xmlns(:xlink)?="[^"]*"/g, '')).not.to.match(/https?:|url\(|@import/i);
    for (const [, target] of page.matchAll(/ (?:src|href)="([^"]*)"/g)) {
      expect(target).to.match(/^(#attack-\d+|data:image\/png;base64,.*)$/);
    }
    for (const [, id] of page.matchAll(/href="#([^"]*)"/g)) {
      expect(page).to.include(` id="${id!}"`);
    }
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('is the same to the last byte in another time zone and language', async function () {
    this.timeout(60_000);
    const script = join(import.meta.dirname, 'print-page.ts');
    const run = promisify(execFile);
    const env = { ...process.env, TZ: 'Asia/Kolkata', LANG: 'tr_TR.UTF-8', LC_ALL: 'de_DE.UTF-8' };
    const { stdout } = await run(process.execPath, ['--import', 'tsx', script], {
      env,
      maxBuffer: 2 ** 26,
    });
    expect(stdout).to.equal(await reportPage(input));
  });
});

describe('the report for programs', () => {
  it('has the records in their order, each with what follows from it', () => {
    const bytes = reportJson(input);
    expect(reportJson(input)).to.deep.equal(bytes);
    const report = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const attacks = report['attacks'] as Record<string, unknown>[];
    expect(report).to.include({ kind: 'veilmark/attack-report', version: 1, succeeded: 2 });
    expect(report['notTried']).to.deep.equal(['distil']);
    expect(attacks.map(({ record }) => record)).to.deep.equal(records);
    expect(attacks.map(({ succeeded }) => succeeded)).to.deep.equal([false, true, true, false]);
    expect(attacks.map(({ strongest }) => strongest)).to.deep.equal([0, 0, 2, 0]);
    const [, , third] = attacks.map(({ points }) => points as Record<string, unknown>[]);
    expect(third![2]).to.deep.equal({
      accuracyLost: '4.6',
      markLost: '40',
      succeeded: true,
      withinAllowance: true,
    });
    expect(third![3]).to.include({
      accuracyLost: '28.9',
      succeeded: false,
      withinAllowance: false,
    });
  });

  it('gives the same numbers whatever the order of points', () => {
    const points = [point(measured(9_000, [1, 2, 3])), point(measured(8_000, [0, 0, 0]))];
    const json = (list: typeof points) =>
      new TextDecoder().decode(
        reportJson({ records: [attackRecord({ points: list })], known: [] }),
      );
    expect(json(points)).to.include('"strongest":0');
    expect(json(points.toReversed())).to.include('"strongest":1');
  });
});
