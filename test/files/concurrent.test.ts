import { setTimeout } from 'node:timers/promises';

import { expect } from 'chai';
import fc from 'fast-check';

import { forEachIndex } from '../../src/files/index.js';

describe('tasks for each index', () => {
  it('run once each, begun in order, and never more at a time than allowed', async () => {
    const sizes = fc.record({ count: fc.nat(30), atOnce: fc.integer({ min: 1, max: 8 }) });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ count, atOnce }) => {
        const begun: number[] = [];
        let running = 0;
        let most = 0;
        await forEachIndex(count, {
          atOnce,
          task: async (index) => {
            begun.push(index);
            most = Math.max(most, ++running);
            for (let i = 0; i <= (index * 7) % 5; i++) await Promise.resolve();
            running--;
          },
        });
        expect(begun).to.deep.equal([...Array(count).keys()]);
        expect(most).to.equal(Math.min(atOnce, count));
      }),
      { numRuns: 50 },
    );
  });

  it('stop at the first failure, which is thrown when the others have ended', async () => {
    const ended: number[] = [];
    const task = async (index: number) => {
      await setTimeout(index === 1 ? 1 : 20);
      if (index > 0) throw new Error(`task ${index}`);
      ended.push(index);
    };
    const error: unknown = await forEachIndex(10, { atOnce: 3, task }).catch((e: unknown) => e);
    expect(error).to.have.property('message', 'task 1');
    expect(ended).to.deep.equal([0]);
  });
});
