import { SeededStream } from '../../src/crypto/index.js';
import type { Answer } from '../../src/protocol/index.js';
import { expectEnding } from '../support/cheat.js';
import { markedSuspect, sharedClaim } from '../support/claim.js';
import { runSession } from '../support/session.js';

/** Attack: a claim on a model that was trained without the mark. Honest openings cannot help. */
describe('an owner without a mark in the suspect', () => {
  const guess = new SeededStream('test/guess', []);
  const unmarked: Record<string, (label: number, place: number) => Answer> = {
    'answers one class to everything': () => ({ label: 7 }),
    'guesses at random': () => ({ label: guess.below(10) }),
    'goes through the classes in turn': (_, place) => ({ label: place % 10 }),
  };
  for (const [does, answer] of Object.entries(unmarked)) {
    it(`has not proved anything when the suspect ${does}`, async () => {
      const claim = sharedClaim();
      const { judge } = await runSession(claim, {
        judge: { suspect: markedSuspect(claim, answer) },
      });
      expectEnding(judge, { verdict: 'not-proved', cause: '', fault: 'nobody' });
    });
  }
});
