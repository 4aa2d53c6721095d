import { expect } from 'chai';

import { bytesToHex } from '../../src/base/index.js';
import { keyPairFrom } from '../../src/crypto/index.js';
import {
  advance,
  compose,
  decodeOneMessage,
  decodeTranscript,
  encodeMessage,
  encodeTranscript,
  firstHead,
  type LiveSession,
  newSession,
  turnOf,
} from '../../src/protocol/index.js';
import { verifyTranscript } from '../../src/verifier/index.js';
import { coded } from '../coded.js';
import { replay, vectorCommitment, verifyVector } from '../support/replay.js';
import { bytesOf, fromHex, vectors } from '../support/vectors.js';

const session = vectors('session');
const transcript = vectors('transcript');
const context = () => ({ commitment: vectorCommitment() });
const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const honest = session.honest.map(({ text }) => decodeOneMessage(utf8(text)));

describe('the messages of the vectors', () => {
  it('are what the state machine composes, and make its chain', () => {
    let state: LiveSession = newSession;
    expect(bytesToHex(firstHead)).to.equal(session.firstHead);
    session.honest.forEach(({ text, headAfter }, i) => {
      const { payload } = honest[i]!;
      const { from, types } = turnOf(state);
      const seed = fromHex(from === 'judge' ? session.judgeSeed : session.ownerSeed);
      const composed = compose({
        session: state,
        type: types[0],
        payload: JSON.parse(Buffer.from(payload).toString()) as string,
        context: context(),
        secretKey: keyPairFrom(seed).secretKey,
      });
      expect(encodeMessage(composed.message)).to.deep.equal(utf8(text));
      expect(bytesToHex(composed.session.head)).to.equal(headAfter);
      state = composed.session as LiveSession;
    });
    expect(replay(honest, context()).phase).to.equal('closed');
  });

  for (const vector of session.invalid) {
    it(`are refused at ${vector.at}: ${vector.name}`, () => {
      const before = vector.before?.map((text) => decodeOneMessage(utf8(text)));
      const state = replay(before ?? honest.slice(0, vector.at), context());
      const message = decodeOneMessage(bytesOf(vector));
      return coded(vector.code, () => advance(state as LiveSession, message, context()));
    });
  }

  for (const vector of session.malformed) {
    it(`are no messages: ${vector.name}`, () =>
      coded(vector.code, () => decodeOneMessage(bytesOf(vector))));
  }
});

describe('the transcripts of the vectors', () => {
  for (const vector of transcript.valid) {
    it(`end as they should: ${vector.name}`, () => {
      const file = bytesOf(vector);
      expect(verifyVector(file).outcome).to.deep.include(vector.outcome);
      expect(encodeTranscript(decodeTranscript(file))).to.deep.equal(file);
    });
  }

  it('are not proved to a reader who demands more than their policy does', () => {
    const vector = transcript.valid.find(({ name }) => name === 'all messages, all matches')!;
    const { outcome } = verifyTranscript(bytesOf(vector));
    expect(outcome).to.include({ verdict: 'inconclusive', cause: 'policy.weak' });
  });

  for (const vector of transcript.malformed) {
    it(`are no transcripts: ${vector.name}`, () =>
      coded(vector.code, () => decodeTranscript(bytesOf(vector))));
  }

  for (const vector of transcript.invalid) {
    it(`are invalid: ${vector.name}`, () => {
      const { outcome, checks } = verifyVector(bytesOf(vector));
      expect(outcome).to.include({ verdict: 'invalid', cause: vector.code });
      const failed = checks.filter(({ status }) => status === 'failed');
      expect(failed).to.have.length(1);
      expect(failed[0]).to.include({ name: vector.code, code: vector.code });
    });
  }
});
