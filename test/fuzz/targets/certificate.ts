import { X509Certificate } from 'node:crypto';

import { concatBytes } from '../../../src/base/index.js';
import { keyPairFrom, signDer } from '../../../src/crypto/index.js';
import {
  checkCertificate,
  checkOwnCredentials,
  makeTlsCredentials,
} from '../../../src/transport/index.js';
import { seeded } from '../../support/claim.js';
import { type FuzzTarget, readable, text } from '../target.js';

const identity = keyPairFrom(new Uint8Array(32).fill(7));
const now = new Date(Date.UTC(2026, 0, 2));
const credentials = makeTlsCredentials({ identity, now, days: 9, random: seeded('fuzz tls') });
const der = new Uint8Array(new X509Certificate(credentials.certificate).raw);
/** The outer sequence's head, and what follows the signed part: algorithm and signature. */
const [headBytes, tailBytes] = [4, 10 + 64];

/**
 * What a peer shows before a word is said. The first byte says how to take the rest: as a certificate, as the signed part of one that its
 * identity signs, or as the certificate in a file of one's own.
 */
export const certificate: FuzzTarget = {
  name: 'certificate',
  seeds: () => [
    concatBytes(text.encode('e'), der),
    concatBytes(text.encode('s'), der.slice(headBytes, der.length - tailBytes)),
    text.encode(`f${credentials.certificate}`),
  ],
  run: (input) => {
    const kind = input[0] ?? 0;
    const rest = input.slice(1);
    if (kind % 3 === 0) {
      checkOwnCredentials(
        { ...credentials, certificate: readable.decode(rest) },
        { identity, now },
      );
      return 'a file';
    }
    checkCertificate(kind % 3 === 1 ? signed(rest) : rest, { pins: undefined, now });
    return 'a certificate';
  },
};

function signed(part: Uint8Array): Uint8Array {
  if (part[0] !== 0x30) return part;
  const content = concatBytes(
    part,
    Uint8Array.of(0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 65, 0),
    signDer(part, identity.secretKey),
  );
  const head = Uint8Array.of(0x30, 0x82, (content.length >> 8) & 255, content.length & 255);
  return concatBytes(head, content);
}
