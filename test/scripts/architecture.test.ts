import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { expect } from 'chai';

const script = resolve(import.meta.dirname, '../../scripts/check-architecture.ts');

/** Runs the check over a source tree made of some files. */
function check(files: Record<string, string>): { status: number | null; said: string } {
  const root = mkdtempSync(join(tmpdir(), 'veilmark-house-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    const run = spawnSync(process.execPath, ['--import', 'tsx', script, root], {
      encoding: 'utf8',
    });
    return { status: run.status, said: run.stderr };
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe('the architecture check', () => {
  it('accepts the house as it is', () => {
    const run = spawnSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8' });
    expect(run.status, run.stderr).to.equal(0);
  });

  it('rejects an arrow the wrong way, a cycle, a package out of its room, and impurity', () => {
    const { status, said } = check({
      'crypto/a.ts': "import { b } from '../commitment/b.js';",
      'commitment/b.ts': "import { c } from './c.js';",
      'commitment/c.ts': "import { b } from './b.js';\nimport '@tensorflow/tfjs-core';",
      'protocol/d.ts': 'export const now = () => Date.now();\nexport const get = () => fetch("x");',
      'protocol/f.ts': "import '../proof/keys/index.js';\nimport '../proof/index.js';",
      'cellar/e.ts': '',
    });
    expect(status).to.equal(1);
    expect(said).to.include('crypto/ may not import commitment/');
    expect(said).to.include('cycle: commitment/b.ts -> commitment/c.ts -> commitment/b.ts');
    expect(said).to.include('commitment/c.ts: @tensorflow/tfjs-core may not be imported here');
    expect(said).to.match(/protocol\/d\.ts: .*Date.* in a pure room/);
    expect(said).to.match(/protocol\/d\.ts: .*fetch.* in a pure room/);
    expect(said).to.include('protocol/f.ts: a pure room may not import proof/keys/index.ts');
    expect(said).not.to.include('proof/index.ts');
    expect(said).to.include('cellar/e.ts: no such room cellar');
  });
});
