import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { tagToField } from '../../src/crypto/index.js';
import { tagElement } from '../twin/poseidon.js';

describe('circuits’ domain tags', () => {
  it('are the strings in their comments', async () => {
    const path = join(import.meta.dirname, '../../circuits/templates/tags.circom');
    const text = await readFile(path, 'utf8');
    const found = [
      ...text.matchAll(/^\/\/ "([^"]+)"\nfunction tag\w+\(\) \{\n {4}return (\d+);\n\}$/gm),
    ].map(([, tag = '', number = '']) => ({ tag, number: BigInt(number) }));
    expect(found).to.have.lengthOf(text.match(/^function /gm)!.length);
    for (const { tag, number } of found) {
      expect(tagToField(tag), tag).to.equal(number);
      expect(tagElement(tag), tag).to.equal(number);
    }
    expect(new Set(found.map(({ number }) => number)).size).to.equal(found.length);
  });
});
