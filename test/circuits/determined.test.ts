import { expect } from 'chai';
import fc from 'fast-check';

import { listInstances } from '../../src/proof/circuits/index.js';
import { examples } from './examples.js';
import { mayVary } from './may-vary.js';
import { type Circuit, circuit, compiling } from './support.js';
import { type SubjectName, subjects } from './templates.js';
import type { Witness } from './constraints.js';

for (const name of Object.keys(subjects) as SubjectName[]) {
  const subject = subjects[name];
  describe(`circuit ${name}`, () => {
    let compiled: Circuit;
    const witnesses: Witness[] = [];
    let given = 0;
    before(async function () {
      this.timeout(compiling);
      compiled = await circuit(name);
      for (const inputs of fc.sample(examples[name], { numRuns: 4, seed: 20_18 })) {
        given = Object.values(inputs).flat().length;
        witnesses.push(await compiled.witness(inputs));
      }
    });

    it('has exactly so many constraints', () => {
      expect(compiled.constraints.rows.length).to.equal(subject.constraints);
    });

    it('lets no signal vary alone but the listed ones', () => {
      const publics = new Set<string>(subject.publics);
      for (const witness of witnesses) {
        expect(compiled.constraints.broken(witness)).to.deep.equal([]);
        const free = compiled.constraints
          .freedoms(witness)
          .flatMap((freedom, signal) => (freedom === 'none' ? [] : [compiled.names[signal]!]))
          .filter((label) => label !== '1' && !publics.has(label.replace(/\[.*/, '')));
        expect(free).to.deep.equal(mayVary(name, compiled, witness));
      }
    });

    it('fixes, by rank, every signal that is no input but the listed ones', () => {
      expect(compiled.inputs.length).to.equal(given);
      const inputs = new Set(compiled.inputs);
      const others = compiled.names.flatMap((_, signal) =>
        signal === 0 || inputs.has(signal) ? [] : [signal],
      );
      for (const witness of witnesses) {
        const free = mayVary(name, compiled, witness).length;
        expect(compiled.constraints.rank(witness, others)).to.equal(others.length - free);
      }
    });
  });
}

describe('tiny instances', () => {
  it('are tested with the parameters of circuits.json', () => {
    const tiny = listInstances().filter(({ name }) => name.endsWith('-tiny'));
    expect(tiny.map(({ name }) => name)).to.have.members(
      Object.keys(subjects).filter((name) => name.endsWith('-tiny')),
    );
    for (const { name, parameters } of tiny) {
      expect(subjects[name as SubjectName].parameters, name).to.deep.equal(parameters);
    }
  });
});
