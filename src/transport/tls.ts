import { constants } from 'node:crypto';
import type { SecureContextOptions, TLSSocket } from 'node:tls';

import { EnvironmentError } from '../base/index.js';
import type { KeyPair } from '../crypto/index.js';
import type { TlsCredentials } from './certificate.js';
import { checkCertificate } from './peer-certificate.js';

/** What a party brings to TLS. */
export interface TlsParty {
  readonly identity: KeyPair;
  readonly credentials: TlsCredentials;
  /** Identities that may be at the other end; anybody when absent. */
  readonly pins: readonly Uint8Array[] | undefined;
  readonly now: () => Date;
}

/** TLS 1.3 with Ed25519 certificates; no authority is trusted, and no session is resumed. */
export function secureContext({ credentials }: TlsParty): SecureContextOptions {
  return {
    key: credentials.privateKey,
    cert: credentials.certificate,
    ca: [],
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    sigalgs: 'ed25519',
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** The identity at the other end of a finished handshake. Throws `EnvironmentError` `tls.*`. */
export function peerIdentity(socket: TLSSocket, { pins, now }: TlsParty): Uint8Array {
  // A resumed session would show no certificate of its own.
  const raw = socket.isSessionReused() ? undefined : socket.getPeerX509Certificate()?.raw;
  return checkCertificate(raw, { pins, now: now() });
}

/** What a failed handshake means. Codes `tls.version`, `tls.handshake`. */
export function handshakeError(cause: NodeJS.ErrnoException): EnvironmentError {
  const isVersion = /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(cause.code ?? '');
  const isPlain = /HTTP_REQUEST|WRONG_VERSION_NUMBER|PACKET_LENGTH/.test(cause.code ?? '');
  return new EnvironmentError({
    code: isVersion ? 'tls.version' : 'tls.handshake',
    message: isVersion
      ? 'the peer does not speak TLS 1.3'
      : isPlain
        ? 'the peer does not speak TLS'
        : `no TLS with the peer: ${cause.message.trim()}`,
    hint: isPlain
      ? 'a prover with TLS is reached at wss://, one without at ws://'
      : 'both sides need a veilmark of this version',
    cause,
  });
}
