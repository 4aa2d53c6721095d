import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { vectors } from '../support/vectors.js';
import { topics } from './vectors/topics.js';

describe('the twin', () => {
  for (const [topic, make] of Object.entries(topics)) {
    it(`made test/vectors/${topic}.json as it is`, () => {
      const made = JSON.parse(JSON.stringify(make())) as unknown;
      expect(made).to.deep.equal(vectors(topic as keyof typeof topics));
    });
  }

  it('imports nothing of the product and none of its libraries', () => {
    const folder = import.meta.dirname;
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.ts') && !name.includes('.test.'))) {
      const text = readFileSync(join(folder, file), 'utf8');
      for (const [, specifier = ''] of text.matchAll(/from '([^']+)'/g)) {
        expect(specifier, file).to.match(/^(node:|\.{1,2}\/[a-z]|@noble\/curves\/abstract\/)/);
        expect(specifier, file).not.to.include('src/');
      }
    }
  });
});
