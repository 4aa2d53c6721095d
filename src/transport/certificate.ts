import { generateKeyPairSync, X509Certificate } from 'node:crypto';

import { BitString, Integer, PrintableString } from 'asn1js';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  ExtKeyUsage,
  Extension,
  PublicKeyInfo,
  RelativeDistinguishedNames,
  Time,
} from 'pkijs';

import { bytesToHex, concatBytes } from '../base/index.js';
import { type KeyPair, type RandomBytes, signDer } from '../crypto/index.js';

/** A private key for TLS, and the certificate by which an identity vouches for it; both as PEM. */
export interface TlsCredentials {
  readonly privateKey: string;
  readonly certificate: string;
}

const oid = {
  commonName: '2.5.4.3',
  ed25519: '1.3.101.112',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** The bits of KeyUsage with digitalSignature alone. */
const digitalSignature = { valueHex: Uint8Array.of(0x80).buffer, unusedBits: 7 };
/** A clock may be this much behind the one that made the certificate. */
const skewMs = 24 * 3600 * 1000;

/**
 * A new Ed25519 key for TLS with a certificate (X.509 version 3, RFC 5280 and RFC 8410) that the identity key signs: its issuer is
 * the identity's public key in hexadecimal. The TLS key can be stolen or renewed without touching the identity.
 */
export function makeTlsCredentials({
  identity,
  now,
  days,
  random,
}: {
  identity: KeyPair;
  now: Date;
  /** How long the certificate is valid. */
  days: number;
  random: RandomBytes;
}): TlsCredentials {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = new AlgorithmIdentifier({ algorithmId: oid.ed25519 });
  const certificate = new Certificate({
    version: 2,
    serialNumber: new Integer({ valueHex: serialNumber(random).buffer }),
    signature: algorithm,
    signatureAlgorithm: algorithm,
    issuer: named(bytesToHex(identity.publicKey)),
    subject: named('veilmark'),
    notBefore: new Time({ value: wholeSeconds(now.getTime() - skewMs) }),
    notAfter: new Time({ value: wholeSeconds(now.getTime() + days * 24 * 3600 * 1000) }),
    subjectPublicKeyInfo: PublicKeyInfo.fromBER(key),
    extensions: extensions(),
  });
  certificate.tbsView = new Uint8Array(certificate.encodeTBS().toBER());
  const signature = signDer(certificate.tbsView, identity.secretKey);
  certificate.signatureValue = new BitString({ valueHex: signature.slice().buffer });
  const der = Buffer.from(certificate.toSchema(true).toBER());
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: new X509Certificate(der).toString(),
  };
}

function extensions(): Extension[] {
  const make = (extnID: string, value: { toBER(): ArrayBuffer }, critical: boolean): Extension =>
    new Extension({ extnID, critical, extnValue: value.toBER() });
  return [
    make(oid.basicConstraints, new BasicConstraints({ cA: false }).toSchema(), true),
    make(oid.keyUsage, new BitString(digitalSignature), true),
    make(
      oid.extendedKeyUsage,
      new ExtKeyUsage({ keyPurposes: [oid.serverAuth, oid.clientAuth] }).toSchema(),
      false,
    ),
  ];
}

function named(value: string): RelativeDistinguishedNames {
  return new RelativeDistinguishedNames({
    typesAndValues: [
      new AttributeTypeAndValue({ type: oid.commonName, value: new PrintableString({ value }) }),
    ],
  });
}

/** 16 bytes, positive and without a leading zero, as DER wants an integer. */
function serialNumber(random: RandomBytes): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(concatBytes(Uint8Array.of(0x40), random(15)));
}

function wholeSeconds(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}
