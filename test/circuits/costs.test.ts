import { expect } from 'chai';

import { listInstances, readCircuitManifest } from '../../src/proof/circuits/index.js';

describe('the circuits that are pinned', () => {
  it('are all that are listed, each within its domain and its promised cost', async () => {
    const { circuits } = await readCircuitManifest();
    const instances = listInstances();
    expect(Object.keys(circuits)).to.have.members(instances.map(({ name }) => name));
    for (const { name, circuit, parameters } of instances.filter(({ tiny }) => !tiny)) {
      const { constraints, publics } = circuits[name]!;
      expect(constraints + publics + 1, name).to.be.at.most(2 ** 16);
      const [count = 0, A, S] = parameters;
      if (circuit === 'neurons' && A === 10 && S === 10) {
        expect(constraints / count, name).to.be.at.most(28);
      }
      if (name.startsWith('opening-28x28x1-')) expect(constraints).to.be.at.most(10_000);
    }
  });
});
