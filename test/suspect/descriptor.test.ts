import { createHash } from 'node:crypto';

import { expect } from 'chai';

import { describeSuspect } from '../../src/suspect/index.js';

const about = {
  kind: 'open-inference',
  identity: 'http://127.0.0.1:8080/ m',
  shape: { height: 2, width: 3, channels: 1 },
  classes: 4,
  preprocessing: 'none',
  settings: { batchSize: 2, prompt: 'What is this?' },
};

/** docs/spec/encodings.md, a frame: each field with its length before it. */
function framed(...fields: string[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field);
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(bytes.length));
      return [length, bytes];
    }),
  );
}

describe('the digest of a suspect’s description', () => {
  it('is SHA-256 over the description and all settings', () => {
    const canonical =
      '{"classes":4,"identity":"http://127.0.0.1:8080/ m","kind":"open-inference","preprocessing":"none",' +
      '"settings":{"batchSize":2,"prompt":"What is this?"},"shape":"2x3x1"}';
    const expected = createHash('sha256').update(framed('veilmark/suspect/1', canonical));
    expect(describeSuspect(about).descriptor.digest).to.equal(expected.digest('hex'));
  });

  it('changes with each of them', () => {
    const changes = [
      {},
      { kind: 'chat' },
      { identity: 'http://127.0.0.1:8080/ n' },
      { shape: { height: 3, width: 2, channels: 1 } },
      { classes: 5 },
      { preprocessing: 'PNG' },
      { settings: { ...about.settings, batchSize: 1 } },
      { settings: { ...about.settings, prompt: 'What is that?' } },
    ];
    const digests = changes.map(
      (change) => describeSuspect({ ...about, ...change }).descriptor.digest,
    );
    expect(new Set(digests).size).to.equal(changes.length);
  });
});
