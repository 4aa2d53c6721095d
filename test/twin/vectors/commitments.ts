import { markBytes, type TwinCommitment } from '../commitment.js';
import { hex } from '../poseidon.js';
import { sealEncrypted, sealPlain } from '../sealed.js';
import { bytesInVector, toHex } from './case.js';
import { auditChanges, parameterChanges } from './commitment-content.js';
import { formatChanges, signatureChanges } from './commitment-format.js';
import { chosenClaim, derivedClaim, drawn, naturalClaim } from './small-claims.js';

function shown(name: string, claim: TwinCommitment) {
  const { mark, seed, audited, batches, labels, file, digest } = claim;
  return {
    name,
    mark: {
      secret: toHex(mark.secret),
      ownerSeed: toHex(mark.ownerSeed),
      images: mark.images.map(toHex),
      natural: mark.natural,
      ...(mark.labels && { labels: mark.labels }),
    },
    labelSeed: hex(seed),
    order: { audited, batches },
    labels,
    digest: toHex(digest),
    file: file.toString('utf8'),
    markBytes: toHex(markBytes(claim)),
  };
}

export function commitmentVectors() {
  const derived = derivedClaim();
  return {
    about:
      'Whole commitment files with the marks behind them (commitment.md). markBytes is what a sealed mark file holds.',
    valid: [
      shown('labels derived, abstract images', derived),
      shown('labels derived, images of natural classes', naturalClaim()),
      shown('labels chosen', chosenClaim()),
    ],
    invalid: [
      ...formatChanges(derived),
      ...signatureChanges(derived),
      ...parameterChanges(derived),
      ...auditChanges(derived, chosenClaim()),
    ].map(([name, code, file]) => ({ name, code, ...bytesInVector(file) })),
  };
}

const content = Buffer.from('content of a sealed file');
const how = {
  passphrase: 'correct horse',
  salt: drawn('sealed: salt', 32),
  nonce: drawn('sealed: nonce', 24),
  logN: 10,
};

export function sealedVectors() {
  const encrypted = sealEncrypted('mark', content, how);
  const plain = sealPlain('mark', content);
  const edit = (file: Buffer, from: string, to: string): Buffer =>
    Buffer.from(file.toString('latin1').replace(from, to), 'latin1');
  const changed = (file: Buffer, at: number): Uint8Array =>
    file.map((byte, i) => (i === (at + file.length) % file.length ? byte ^ 1 : byte));
  const format: Record<string, Uint8Array> = {
    nothing: Buffer.alloc(0),
    'the first line alone': Buffer.from('veilmark/sealed/1\n'),
    'another version': edit(plain, '/1\n', '/2\n'),
    'no line feed after the header': plain.subarray(0, 60),
    'a space in the header': edit(plain, ',', ', '),
    'another cipher': edit(encrypted, 'xchacha20', 'aesgcm256'),
    'logN 21': edit(encrypted, '"logN":10', '"logN":21'),
    'logN 9': edit(encrypted, '"logN":10', '"logN":9'),
    'a nonce of 23 bytes': edit(
      encrypted,
      `"nonce":"${toHex(how.nonce)}`,
      `"nonce":"${toHex(how.nonce.subarray(1))}`,
    ),
    'a header of more than 1,000 bytes': edit(plain, 'none', 'n'.repeat(1000)),
  };
  const secret: Record<string, Uint8Array> = {
    'another salt': edit(encrypted, toHex(how.salt), toHex(drawn('other', 32))),
    'another nonce': edit(encrypted, toHex(how.nonce), toHex(drawn('other', 24))),
    'logN 11': edit(encrypted, '"logN":10', '"logN":11'),
    'the first byte of the body': changed(encrypted, encrypted.length - 16 - content.length),
    'a byte of the tag': changed(encrypted, -1),
    'a byte short': encrypted.subarray(0, -1),
    'a byte long': Buffer.concat([encrypted, Buffer.alloc(1)]),
    'no tag': encrypted.subarray(0, -16),
  };
  const coded = (files: Record<string, Uint8Array>, code: string) =>
    Object.entries(files).map(([name, file]) => ({ name, code, hex: toHex(file) }));
  return {
    about:
      'Sealed files (commitment.md), content name mark. Invalid ones are opened with the passphrase.',
    passphrase: how.passphrase,
    content: toHex(content),
    salt: toHex(how.salt),
    nonce: toHex(how.nonce),
    valid: [
      { name: 'encrypted', hex: toHex(encrypted) },
      { name: 'plain', hex: toHex(plain) },
    ],
    composed: {
      name: 'a passphrase in another normal form of Unicode',
      passphrases: ['Z\u00fcrich', 'Zu\u0308rich'],
      hex: toHex(sealEncrypted('mark', content, { ...how, passphrase: 'Z\u00fcrich' })),
    },
    invalid: [
      ...coded(format, 'sealed.format'),
      ...coded(secret, 'sealed.passphrase'),
      ...coded(
        { 'another passphrase': sealEncrypted('mark', content, { ...how, passphrase: 'wrong' }) },
        'sealed.passphrase',
      ),
      ...coded(
        { 'another content, encrypted': sealEncrypted('key', content, how) },
        'sealed.content',
      ),
      ...coded({ 'another content, plain': sealPlain('key', content) }, 'sealed.content'),
      ...coded(
        {
          'a byte of plain text': changed(plain, -1),
          'a byte of plain text missing': plain.subarray(0, -1),
        },
        'sealed.damaged',
      ),
    ],
  };
}
