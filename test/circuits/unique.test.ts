import { expect } from 'chai';
import fc from 'fast-check';

import { examples } from './examples.js';
import { mayVary } from './may-vary.js';
import { circuit, compiling } from './support.js';
import { type SubjectName, subjects } from './templates.js';
import { completions } from './unique.js';

describe('a circuit’s inputs', () => {
  for (const name of Object.keys(subjects) as SubjectName[]) {
    it(`leave no second witness of ${name}`, async function () {
      this.timeout(compiling);
      const compiled = await circuit(name);
      for (const values of fc.sample(examples[name], { numRuns: 3, seed: 7 })) {
        const witness = await compiled.witness(values);
        const inputs = new Set(compiled.inputs);
        // The inside of circomlib's Poseidon is a function of its inputs; the rank is counted in determined.test.ts.
        const given = (signal: number): boolean =>
          inputs.has(signal) || compiled.names[signal]!.includes('.pEx.');
        const found = completions(
          compiled.constraints,
          witness.map((value, signal) => (given(signal) ? value : undefined)),
        );
        expect(found.length).to.equal(1);
        const open = witness.flatMap((value, signal) =>
          found[0]!.values[signal] === value ? [] : [compiled.names[signal]!],
        );
        expect(open).to.deep.equal(mayVary(name, compiled, witness));
      }
    });
  }
});
