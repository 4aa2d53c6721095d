import { existsSync } from 'node:fs';

import { expect } from 'chai';
import fc from 'fast-check';

import { naturalOrder, packagePath } from '../../src/files/index.js';

describe('natural order of names', () => {
  it('counts numbers: 2 before 10', () => {
    const names = ['10.jpg', '1.jpg', 'a10b2', '2.jpg', 'a9', 'a10b10', '100.jpg', 'B', '01.jpg'];
    expect(names.sort(naturalOrder)).to.deep.equal([
      '01.jpg',
      '1.jpg',
      '2.jpg',
      '10.jpg',
      '100.jpg',
      'B',
      'a9',
      'a10b2',
      'a10b10',
    ]);
  });

  it('is a total order, whatever the names', () => {
    const name = fc.stringMatching(/^[0-9aB._é]{0,6}$/);
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(naturalOrder(a, b))).to.equal(0 - Math.sign(naturalOrder(b, a)));
        expect(naturalOrder(a, b) === 0).to.equal(a === b);
        if (naturalOrder(a, b) <= 0 && naturalOrder(b, c) <= 0) {
          expect(naturalOrder(a, c)).to.be.at.most(0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('orders numbers beyond 2^53', () => {
    expect(naturalOrder('90071992547409930', '90071992547409931')).to.be.below(0);
  });
});

describe('files of the package', () => {
  it('are found from its root', () => {
    expect(existsSync(packagePath('package.json'))).to.equal(true);
  });
});
