import { writeFileSync } from 'node:fs';

import { readPolicy } from '../../../src/cli/policy-file.js';
import { checkPolicy, defaultPolicy } from '../../../src/protocol/index.js';
import { type FuzzTarget, jsonSeed } from '../target.js';
import { temporaryPath } from '../temporary.js';

/** A policy file as a judge or an auditor gives it. */
export const policy: FuzzTarget = {
  name: 'policy',
  seeds: () => [
    jsonSeed(defaultPolicy),
    jsonSeed({ ...defaultPolicy, hiddenProofs: 'all', openingKey: '0'.repeat(64) }),
    jsonSeed({ alphaBits: 20 }),
  ],
  run: async (input) => {
    const path = temporaryPath('policy.json');
    writeFileSync(path, input);
    const read = await readPolicy(path);
    checkPolicy(read);
    return String(read.hiddenProofs === 'none');
  },
};
