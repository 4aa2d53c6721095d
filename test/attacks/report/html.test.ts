import { expect } from 'chai';
import fc from 'fast-check';

import { escapeText, html as made, trusted } from '../../../src/attacks/report/html.js';

describe('markup with parts', () => {
  it('escapes text, and neither markup nor lists of it', () => {
    const item = (text: string) => made`<li title="${text}">${text}</li>`;
    expect(made`<ul>${['a"b', '<i>'].map(item)}</ul>${1}${trusted('<hr>')}`.markup).to.equal(
      '<ul><li title="a&#34;b">a&#34;b</li><li title="&#60;i&#62;">&#60;i&#62;</li></ul>1<hr>',
    );
  });

  it('lets no text open an element, end an attribute, or start another entity', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('&', '<', '>', '"', "'", '#', ';', 'a', '6'),
    });
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escapeText(text);
        expect(escaped).not.to.match(/[<>"']|&(?!#\d\d;)/);
        const read = escaped.replace(/&#(\d+);/g, (_, code: string) =>
          String.fromCharCode(Number(code)),
        );
        expect(read).to.equal(text);
      }),
    );
  });
});
