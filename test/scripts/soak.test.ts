import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'chai';

import { openLine, soakSession } from '../../scripts/soak/session.js';
import { markedSuspect, sharedClaim } from '../support/claim.js';

const run = promisify(execFile);

describe('npm run soak', () => {
  it('starts, counts its sessions and ends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'veilmark-soak-'));
    const svg = join(folder, 'memory.svg');
    try {
      const words = ['--import', 'tsx/esm', 'scripts/soak.ts', '--sessions', '5', '--svg', svg];
      const { stdout } = await run(process.execPath, words);
      expect(stdout).to.match(/\n\| 5 \| 0 \| 8 \| \d/);
      expect(stdout).to.match(/\| 0 \|\n$/);
      expect(existsSync(svg)).to.equal(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('loses a session whose party ends otherwise than it should', async () => {
    const claim = sharedClaim();
    const line = await openLine('memory', claim);
    const wrong = markedSuspect(claim, () => ({ label: 0 }));
    const problem = await soakSession({ claim, suspect: wrong }, line, { over: 'memory' });
    expect(problem).to.match(/^not-proved/);
  });

  it('stands bad peers on either line', async () => {
    const claim = sharedClaim();
    const suspect = markedSuspect(claim);
    for (const over of ['memory', 'websocket'] as const) {
      const line = await openLine(over, claim);
      const problems = await Promise.all(
        (['judge', 'owner'] as const).flatMap((party) =>
          (['garbage', 'oversize', 'hangs up'] as const).map((misdeed) =>
            soakSession({ claim, suspect }, line, { over, bad: { party, misdeed, at: 1 } }),
          ),
        ),
      );
      await line.close();
      expect(problems).to.deep.equal(new Array(6).fill(undefined));
    }
  });
});
