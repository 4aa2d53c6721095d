import { createPrivateKey, X509Certificate } from 'node:crypto';

import { Certificate } from 'pkijs';

import {
  bytesToHex,
  concatBytes,
  EnvironmentError,
  equalBytes,
  hexBytes,
  InputError,
} from '../base/index.js';
import { type KeyPair, verifyDer } from '../crypto/index.js';
import type { TlsCredentials } from './certificate.js';

const maxBytes = 4096;
/** AlgorithmIdentifier of Ed25519 (RFC 8410), then the head of a bit string of 64 bytes. */
const ed25519Signature = Uint8Array.of(0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 65, 0);

/**
 * Checks a peer's certificate (DER) and gives the identity key that signed it. `pins` are the identities that may be at the other end,
 * anybody when absent. No certificate authority is asked.
 *
 * Throws `EnvironmentError` `tls.certificate` (none, malformed, or not signed by the identity that it names), `tls.pin` (another
 * identity), `tls.expired` (or not yet valid).
 */
export function checkCertificate(
  raw: Uint8Array | undefined,
  { pins, now }: { pins: readonly Uint8Array[] | undefined; now: Date },
): Uint8Array {
  if (raw === undefined) throw bad('the peer shows no certificate');
  const { certificate, tbs, signature, keyType } = parse(raw);
  const name = /^CN=([0-9a-f]{64})$/.exec(certificate.issuer)?.[1];
  if (name === undefined) throw bad('the certificate names no identity that signed it');
  const identity = hexBytes(name, 32);
  if (!verifyDer(tbs, { signature, publicKey: identity })) {
    throw bad(`the certificate is not signed by the identity ${name} that it names`);
  }
  if (keyType !== 'ed25519') throw bad('not an Ed25519 key');
  if (pins && !pins.some((pin) => equalBytes(pin, identity))) {
    throw new EnvironmentError({
      code: 'tls.pin',
      message: `the peer is ${name}, expected ${pins.map((pin) => bytesToHex(pin)).join(' or ')}`,
      hint: 'somebody else answers there, or the public key that you expect is not the peer’s',
    });
  }
  const { validFrom, validTo } = certificate;
  // So that a date that cannot be read fails too.
  const isValid = now.getTime() >= Date.parse(validFrom) && now.getTime() <= Date.parse(validTo);
  if (!isValid) {
    throw new EnvironmentError({
      code: 'tls.expired',
      message: `the certificate of ${name} is valid from ${validFrom} to ${validTo}`,
      hint: 'its owner renews it with `veilmark keygen --tls-only KEY`; check both clocks',
    });
  }
  return identity;
}

/** Checks one's own credentials before they are used. Throws `InputError` `tls.file`, `tls.expired`. */
export function checkOwnCredentials(
  { certificate, privateKey }: TlsCredentials,
  { identity, now }: { identity: KeyPair; now: Date },
): void {
  try {
    const parsed = new X509Certificate(certificate);
    checkCertificate(parsed.raw, { pins: [identity.publicKey], now });
    if (!parsed.checkPrivateKey(createPrivateKey(privateKey))) throw bad('it has another key');
  } catch (cause) {
    const isExpired = cause instanceof EnvironmentError && cause.code === 'tls.expired';
    throw new InputError({
      code: isExpired ? 'tls.expired' : 'tls.file',
      message: isExpired
        ? cause.message
        : `not TLS credentials of this key: ${(cause as Error).message}`,
      hint: 'make new ones with `veilmark keygen --tls-only KEY`',
      cause,
    });
  }
}

function parse(raw: Uint8Array): {
  certificate: X509Certificate;
  tbs: Uint8Array;
  signature: Uint8Array;
  keyType: string | undefined;
} {
  if (raw.length > maxBytes) throw bad(`the certificate has more than ${maxBytes} bytes`);
  let certificate: X509Certificate;
  let tbs: Uint8Array;
  let keyType: string | undefined;
  try {
    certificate = new X509Certificate(raw);
    // Decoded on first sight, and may be no key at all.
    keyType = certificate.publicKey.asymmetricKeyType;
    tbs = Certificate.fromBER(Uint8Array.from(raw)).tbsView;
  } catch (cause) {
    throw bad('the certificate is malformed', cause);
  }
  const signature = raw.subarray(-64);
  // One spelling: two parsers that read one certificate differently would let a signature stand for what was not signed.
  const whole = sequence(concatBytes(tbs, ed25519Signature, signature));
  if (!equalBytes(whole, raw)) throw bad('the certificate is not what Ed25519 certificates are');
  return { certificate, tbs, signature, keyType };
}

/** DER of a sequence of 256 to 65535 bytes. */
function sequence(content: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0x30, 0x82, content.length >> 8, content.length & 255), content);
}

function bad(message: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError({
    code: 'tls.certificate',
    message,
    hint: 'certificates are made by `veilmark keygen`',
    cause,
  });
}
