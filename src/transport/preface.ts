import type { TLSSocket } from 'node:tls';

import { bytesToHex, concatBytes, EnvironmentError, equalBytes } from '../base/index.js';
import { type KeyPair, signTagged, verifyTagged } from '../crypto/index.js';
import type { Channel, Party } from '../protocol/index.js';

const tag = 'veilmark/preface/1';
const exporterLabel = 'EXPORTER-veilmark';
const prefaceBytes = 96;

/** What both ends of a TLS connection, and nobody else, can compute (RFC 8446 section 7.5). 32 bytes. */
export function exportedKey(socket: TLSSocket): Uint8Array {
  return new Uint8Array(socket.exportKeyingMaterial(32, exporterLabel, Buffer.alloc(0)));
}

/** A party's first frame on a line: its public key, and its signature over its role and the line's exporter. */
export function encodePreface(role: Party, exporter: Uint8Array, key: KeyPair): Uint8Array {
  const fields = [role, exporter, key.publicKey];
  return concatBytes(key.publicKey, signTagged(tag, fields, key.secretKey));
}

/**
 * Checks a peer's preface. Who terminates TLS on both sides of a line, even with both parties' TLS keys, has two exporters, and the
 * preface of one is none of the other. Throws `EnvironmentError` `tls.preface`.
 */
export function checkPreface(
  preface: Uint8Array,
  {
    role,
    exporter,
    identity,
  }: {
    /** The peer's part, so that a preface cannot be sent back to its maker. */
    role: Party;
    exporter: Uint8Array;
    /** Who signed the peer's certificate. */
    identity: Uint8Array;
  },
): void {
  const publicKey = preface.subarray(0, 32);
  const signature = preface.subarray(32);
  const isSigned = verifyTagged({ tag, fields: [role, exporter, publicKey], signature, publicKey });
  if (isSigned && equalBytes(publicKey, identity)) return;
  throw new EnvironmentError({
    code: 'tls.preface',
    message: `the ${role} at the other end did not sign for this connection as ${bytesToHex(identity)}`,
    hint: 'somebody may be between you; if it happens again, use another way to reach the peer',
  });
}

/** Sends one's own preface and checks the peer's. Throws as `checkPreface` and `Channel.receive` do. */
export async function exchangePrefaces(
  channel: Channel,
  {
    role,
    exporter,
    key,
    identity,
    seconds,
  }: { role: Party; exporter: Uint8Array; key: KeyPair; identity: Uint8Array; seconds: number },
): Promise<void> {
  const [received] = await Promise.all([
    channel.receive(seconds, { limit: prefaceBytes }),
    channel.send(encodePreface(role, exporter, key)),
  ]);
  checkPreface(received, { role: role === 'judge' ? 'owner' : 'judge', exporter, identity });
}
