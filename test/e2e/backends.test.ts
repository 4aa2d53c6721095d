import { expect } from 'chai';

import { fails, succeeds } from './veilmark.js';

interface Report {
  readonly automatic: string;
  readonly backends: readonly { name: string; status: string; remedy?: string }[];
  readonly benchmark?: unknown;
}

describe('veilmark backends', function () {
  this.timeout(120_000);

  it('says what is there, for programs', async () => {
    const { stdout, stderr } = await succeeds(['backends', '--no-bench', '--json']);
    const { automatic, backends, benchmark } = JSON.parse(stdout) as Report;
    const status = new Map(backends.map(({ name, status: found }) => [name, found]));
    expect([...status.keys()]).to.deep.equal(['cuda', 'native', 'webgpu', 'wasm', 'cpu']);
    expect(status.get('wasm')).to.equal('ready');
    expect(status.get('cpu')).to.equal('ready');
    expect(status.has(automatic)).to.be.true;
    for (const { status: found, remedy } of backends) {
      expect(remedy === undefined).to.equal(found === 'ready');
    }
    expect(benchmark).to.equal(undefined);
    expect(stderr).not.to.match(/error/i);
  });

  it('measures for as long as it is told, for people', async () => {
    const { stdout } = await succeeds(['backends', '--seconds', '5']);
    expect(stdout).to.match(/^backend +status +what is there$/m);
    expect(stdout).to.match(/^--backend auto takes \w+$/m);
    expect(stdout).to.match(/^wasm +1 process +\S/m);
  });

  it('refuses a time that is none', () =>
    fails({ code: 'usage.number', exit: 2, says: /seconds/ }, ['backends', '--seconds', '1']));
});
