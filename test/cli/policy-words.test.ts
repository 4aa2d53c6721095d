import { expect } from 'chai';

import { explainPolicy } from '../../src/cli/policy-words.js';
import { defaultPolicy } from '../../src/protocol/index.js';
import { coded } from '../coded.js';
import { testParameters } from '../support/claim.js';

describe('a policy in words', () => {
  const words = (changes: object, parameters: object = {}): string =>
    explainPolicy({ ...defaultPolicy, ...changes }, { ...testParameters, ...parameters }).join(
      '\n',
    );

  it('says T, the chance of as many matches, and what is added to it', () => {
    const text = words({});
    expect(text).to.include('T = 36: a claim wins with 36 of the 40');
    expect(text)
      .to.include('2^-103.7')
      .and.include('1.6 for 3 batches')
      .and.include('2^-41.1')
      .and.include('1 for a plain label map');
    expect(text).to.include('at most 4 of 40 may mismatch').and.include('400 decoys');
    expect(text).not.to.include('weaker');
  });

  it('warns of a policy that others find weak', () => {
    expect(words({ grindingBits: 20 }))
      .to.include('T = 33')
      .and.include('asks for 36');
    expect(words({ alphaBits: 50 })).not.to.include('weaker');
  });

  it('says what null models are for, with labels of either kind', () => {
    expect(words({})).to.include('none are demanded');
    expect(words({ nullModels: 3 })).to.include('at least 3 null models');
    expect(words({}, { labelMode: 'chosen' })).to.include('at least 10 null models');
    expect(words({ nullModels: 12 }, { labelMode: 'chosen' })).to.include('at least 12 null');
  });

  it('refuses one that nobody can win under', async () => {
    await coded('policy.unwinnable', () => words({ alphaBits: 100 }));
  });
});
