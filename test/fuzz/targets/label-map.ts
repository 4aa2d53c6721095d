import { writeFileSync } from 'node:fs';

import { readLabelMap } from '../../../src/cli/judge-inputs.js';
import type { Commitment } from '../../../src/commitment/index.js';
import { defaultPolicy } from '../../../src/protocol/index.js';
import { testParameters } from '../../support/claim.js';
import { type FuzzTarget, text } from '../target.js';
import { temporaryPath } from '../temporary.js';

const commitment = { parameters: testParameters } as Commitment;

/** The file of `--label-map`. */
export const labelMap: FuzzTarget = {
  name: 'label-map',
  seeds: () =>
    ['0\n1\n2\n', '-1\n0\n9\n', '0\r\n1\r\n', '1\n0\n2\n3\n4\n5\n6\n7\n8\n9'].map((lines) =>
      text.encode(lines),
    ),
  run: async (input) => {
    const path = temporaryPath('labels.txt');
    writeFileSync(path, input);
    const labels = await readLabelMap(path, commitment, defaultPolicy);
    if (!labels?.every((label) => Number.isSafeInteger(label) && label >= -1 && label < 10)) {
      throw new Error(`a label map of ${String(labels)}`);
    }
    return String(labels.length > 2);
  },
};
