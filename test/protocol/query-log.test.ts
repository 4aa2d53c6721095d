import { expect } from 'chai';
import fc from 'fast-check';

import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import { utf8ToBytes, VeilmarkError } from '../../src/base/index.js';
import {
  advanceQueries,
  encodeEntry,
  imageDigest,
  type NewEntry,
  newQueries,
  type Plan,
  type QueryState,
  readQueryLines,
} from '../../src/protocol/index.js';
import { queryOrder } from '../../src/verifier/index.js';
import { coded } from '../coded.js';
import { vectors } from '../support/vectors.js';

const { firstHead, lines, invalid, orders, image } = vectors('queries');

describe('the query logs of the vectors', () => {
  const states: QueryState[] = [newQueries];
  before(() => {
    expect(bytesToHex(newQueries.head)).to.equal(firstHead);
    for (const { line } of lines) states.push(advanceQueries(states.at(-1)!, utf8ToBytes(line)));
  });

  it('are what the judge writes, and make its chain', () => {
    lines.forEach(({ line, headAfter }, i) => {
      const { previous, sequence, ...entry } = JSON.parse(line) as Record<string, unknown>;
      expect(previous).to.equal(bytesToHex(states[i]!.head));
      expect(sequence === undefined).to.equal(!('attempt' in entry));
      const written = encodeEntry(states[i]!, entry as NewEntry);
      expect(new TextDecoder().decode(written)).to.equal(`${line}\n`);
      expect(bytesToHex(states[i + 1]!.head)).to.equal(headAfter);
    });
    const last = states.at(-1)!;
    expect(last.answers).to.have.length(5);
    expect(last).to.include({ attempts: 2 });
    expect(last.identities).to.deep.equal(['version 1', 'version 1']);
    expect(states.map(({ pending }) => pending.length)).to.deep.equal([0, 1, 0, 0, 1, 0, 0, 0]);
  });

  for (const { name, at, code, line } of invalid) {
    it(`are refused: ${name}`, () =>
      coded(code, () => advanceQueries(states[at]!, utf8ToBytes(line))));
  }

  it('are the same read as a whole and line by line', () => {
    const whole = lines.map(({ line }) => utf8ToBytes(line));
    for (let count = 0; count <= whole.length; count++) {
      expect(readQueryLines(whole.slice(0, count))).to.deep.equal(states[count]);
    }
  });

  it('are refused with a code whatever byte is changed', () => {
    const place = fc.tuple(fc.nat(lines.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(place, ([i, at, change]) => {
        const bytes = utf8ToBytes(lines[i]!.line);
        bytes[at % bytes.length]! ^= change;
        let head: string;
        try {
          head = bytesToHex(advanceQueries(states[i]!, bytes).head);
        } catch (error) {
          expect(error).to.be.instanceOf(VeilmarkError);
          return;
        }
        expect(head).to.not.equal(lines[i]!.headAfter);
      }),
    );
  });

  it('name images and order questions as the twin does', () => {
    const [height = 0, width = 0, channels = 0] = image.shape;
    const pixels = hexToBytes(image.pixels);
    expect(imageDigest({ shape: { height, width, channels }, pixels })).to.equal(image.digest);
    for (const { kinds, repeats, seed, questions, isRepeat } of orders) {
      const asked = kinds.map((kind) => ({ image: '', kind, label: -1 }));
      const order = queryOrder({ questions: asked, repeats, seed } as unknown as Plan);
      expect(order.map(({ question }) => question)).to.deep.equal(questions);
      expect(order.map((asking) => asking.isRepeat)).to.deep.equal(isRepeat);
    }
  });
});
