import { writeFileSync } from 'node:fs';

import { encodeRecord, parseRecord } from '../../../src/attacks/record.js';
import { readFalseClaims } from '../../../src/attacks/false-claim-file.js';
import { canonicalBytes } from '../../../src/base/index.js';
import { attackRecord, measured, sweepRecord } from '../../attacks/records.js';
import { type FuzzTarget, mustEncodeAs } from '../target.js';
import { temporaryPath } from '../temporary.js';

/** The record of an attack. */
export const attackRecords: FuzzTarget = {
  name: 'attack-record',
  seeds: () => [attackRecord(), sweepRecord()].map(encodeRecord),
  run: (input) => {
    const record = parseRecord(input);
    mustEncodeAs(input, encodeRecord(record));
    return String(record.axis === undefined);
  },
};

/** What a false claimant reached. */
export const falseClaims: FuzzTarget = {
  name: 'false-claims',
  seeds: () => [
    canonicalBytes({
      claims: [
        {
          labels: 'chosen',
          log2Chance: '-20.5',
          nullModels: [],
          suspect: { name: 'a model', measurement: measured(90, [40, 3]) },
        },
      ],
      kind: 'veilmark/false-claims',
      version: 1,
    }),
  ],
  run: async (input) => {
    const path = temporaryPath('false-claims.json');
    writeFileSync(path, input);
    const { claims } = await readFalseClaims(path);
    mustEncodeAs(input, canonicalBytes({ claims, kind: 'veilmark/false-claims', version: 1 }));
    return String(claims.length > 0);
  },
};
