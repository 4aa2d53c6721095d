import { expect } from 'chai';

import { panelPage } from '../../src/cli/panel-page.js';
import type { PanelRow } from '../../src/verifier/index.js';
import { makeClaim } from '../support/claim.js';

describe('the page of opened triggers', () => {
  const hostile = '"><script>alert(1)</script>';
  const classNames = [hostile, ...Array.from({ length: 9 }, (_, i) => `class ${i + 1}`)];
  const { commitment } = makeClaim('panel page', { classNames });
  const [first, second] = commitment.audit;
  const votes = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const rows: PanelRow[] = [
    { opening: first!, label: 1, natural: 10, votes, others: 1 },
    { opening: second!, label: 0, natural: 2, votes, others: 1 },
  ];
  const models = ['aa', 'bb', 'cc', 'dd'].map((digit) => digit.repeat(32));
  let page: string;

  before(async () => {
    page = await panelPage({ commitment, rows, models });
  });

  it('shows every picture with a text for those who do not see it', () => {
    const images = [
      ...page.matchAll(/<img\s+src="(data:image\/png;base64,[^"]+)"\s+alt="([^"]+)"/g),
    ];
    expect(images).to.have.length(2);
    expect(images.map(([, , alt]) => alt)).to.deep.equal([
      `Picture ${second!.index}; the owner says it shows class 2, its committed label is &#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;`,
      `Picture ${first!.index}; the owner says it shows no class, its committed label is class 1`,
    ]);
    const bytes = Buffer.from(images[0]![1]!.split(',')[1]!, 'base64');
    expect(bytes.subarray(1, 4).toString()).to.equal('PNG');
  });

  it('puts what the panel answers as committed first, in words and not by a colour', () => {
    const [lead = '', rest = ''] = page.split('The others: 1');
    expect(lead).to.include('Most of the panel answers the committed label: 1');
    expect(lead).to.include(`#${second!.index}, audited`);
    expect(rest).to.include(`#${first!.index}, audited`);
    expect(rest).to.include('another class 1 of 4');
  });

  it('holds no script and nothing from a network, whatever a class is called', () => {
    expect(page).not.to.match(/<script|javascript:|https?:|@import|url\(|\son[a-z]+=/i);
    expect(page).to.include(`default-src 'none'`);
    expect(page).to.match(/^<!doctype html>\s+<html lang="en">/);
    for (const digest of models) expect(page).to.include(digest);
  });
});
