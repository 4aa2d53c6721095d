import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';
import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';

import { defaultPolicy, Policy, policySchema } from '../../src/protocol/index.js';

const published = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'spec', 'policy.schema.json'), 'utf8'),
) as object;

interface Member {
  readonly default: unknown;
  readonly description: string;
}

describe('the published schema of a policy', () => {
  const { properties } = policySchema() as { properties: Record<string, Member> };

  it('is the one in docs/spec, made anew with `veilmark policy schema`', () => {
    expect(published).to.deep.equal(JSON.parse(JSON.stringify(policySchema())));
  });

  it('names every member, its default and its meaning', () => {
    expect(Object.keys(properties)).to.deep.equal(Object.keys(defaultPolicy));
    for (const [name, member] of Object.entries(properties)) {
      expect(member.default).to.deep.equal(defaultPolicy[name as keyof Policy]);
      expect(member.description).to.match(/^[^ ].{20,}[.]$/);
    }
  });

  it('takes what a file may say, and refuses what the program refuses', () => {
    const takes = (value: object) => Check(published as TSchema, value);
    expect(takes(defaultPolicy)).to.equal(true);
    expect(takes({})).to.equal(true);
    expect(takes({ alphaBits: 20, hiddenProofs: 'all' })).to.equal(true);
    for (const change of [
      { alphaBits: 0 },
      { alphaBits: 40.5 },
      { hiddenProofs: 'some' },
      { nullPpm: 0 },
      { nullModels: 1001 },
      { openingKey: 'ab' },
      { whiteBoxKeys: { neurons: '' } },
      { zeal: 1 },
    ]) {
      expect(takes(change), JSON.stringify(change)).to.equal(false);
      expect(Check(Policy, { ...defaultPolicy, ...change }), JSON.stringify(change)).to.equal(
        false,
      );
    }
  });
});
