import { expect } from 'chai';
import fc from 'fast-check';

import { equalBytes, utf8ToBytes, VeilmarkError } from '../../src/base/index.js';
import {
  advance,
  decodeOneMessage,
  decodeTranscript,
  type LiveSession,
  newSession,
  type Session,
} from '../../src/protocol/index.js';
import { vectorCommitment, verifyVector } from '../support/replay.js';
import { bytesOf, vectors } from '../support/vectors.js';
import { sealTranscript } from '../twin/session.js';

const { honest } = vectors('session');
const messages = honest.map(({ text }) => new Uint8Array(Buffer.from(text)));
const { valid } = vectors('transcript');
const proved = bytesOf(valid.find(({ name }) => name === 'all messages, all matches')!);
const context = () => ({ commitment: vectorCommitment() });

/** Runs what may fail with a code and with nothing else. */
function tolerant<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    expect(error).to.be.instanceOf(VeilmarkError);
    return undefined;
  }
}

function changed(bytes: Uint8Array, at: number, flip: number): Uint8Array {
  return bytes.map((byte, i) => (i === at % bytes.length ? byte ^ flip : byte));
}

describe('hostile messages', () => {
  const states: LiveSession[] = [];
  before(() => {
    let state: Session = newSession;
    for (const bytes of messages) {
      states.push(state as LiveSession);
      state = advance(state as LiveSession, decodeOneMessage(bytes), context());
    }
  });

  const receive = (at: number, bytes: Uint8Array): Session | undefined =>
    tolerant(() => advance(states[at]!, decodeOneMessage(bytes), context()));
  const place = fc.nat(messages.length - 1);

  it('of any bytes are refused with a code', () => {
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 500 }),
      fc.string({ unit: 'binary' }).map((text) => utf8ToBytes(`veilmark/message/1 0 ${text}`)),
    );
    fc.assert(
      fc.property(place, junk, (at, bytes) => {
        expect(receive(at, bytes)).to.equal(undefined);
      }),
    );
  });

  it('with any one byte changed are refused with a code', () => {
    fc.assert(
      fc.property(place, fc.nat(), fc.integer({ min: 1, max: 255 }), (at, where, flip) => {
        expect(receive(at, changed(messages[at]!, where, flip))).to.equal(undefined);
      }),
      { numRuns: 400 },
    );
  });

  it('with any payload at all are refused with a code', () => {
    fc.assert(
      fc.property(place, fc.json({ maxDepth: 3 }), (at, json) => {
        const { seq, from, type, signature } = decodeOneMessage(messages[at]!);
        const message = { seq, from, type, signature, payload: utf8ToBytes(json) };
        expect(tolerant(() => advance(states[at]!, message, context()))).to.equal(undefined);
      }),
    );
  });

  it('of another place are refused with a code', () => {
    fc.assert(
      fc.property(place, place, (at, other) => {
        if (at !== other) expect(receive(at, messages[other]!)).to.equal(undefined);
      }),
    );
  });

  it('are refused with a code, however large', () => {
    expect(receive(0, new Uint8Array(2 ** 22))).to.equal(undefined);
    expect(receive(0, utf8ToBytes('veilmark/message/1 '.repeat(200_000)))).to.equal(undefined);
  });
});

describe('a damaged transcript', () => {
  it('is no transcript with any byte changed', () => {
    for (let at = 0; at < proved.length; at++) {
      expect(tolerant(() => decodeTranscript(changed(proved, at, 1)))).to.equal(undefined);
    }
  });

  it('is no transcript when cut off anywhere', () => {
    for (let end = 0; end < proved.length; end += 3) {
      expect(tolerant(() => decodeTranscript(proved.subarray(0, end)))).to.equal(undefined);
    }
  });

  // The last line guards against accidents only: here a forger computes it anew.
  it('is never proved with any byte changed and its last line made to fit', () => {
    const body = proved.subarray(0, -69);
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const file = new Uint8Array(sealTranscript(changed(body, at, flip)));
        const about = tolerant(() => decodeTranscript(file))?.commitment;
        // Another commitment is the business of other tests, and takes half a second each.
        if (!about || !equalBytes(about, vectorCommitment().bytes)) return;
        expect(verifyVector(file).outcome.verdict).not.to.equal('proved');
      }),
      { numRuns: 300 },
    );
  });
});
