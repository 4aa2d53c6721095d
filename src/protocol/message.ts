import {
  bytesToHex,
  concatBytes,
  EvidenceError,
  hexBytes,
  InputError,
  utf8ToBytes,
} from '../base/index.js';
import { signTagged, taggedHash, verifyTagged } from '../crypto/index.js';

export type Party = 'judge' | 'owner';

/** A message as it travels: a header line of text, the exact payload bytes, a line feed. */
export interface Message {
  readonly seq: number;
  readonly from: Party;
  readonly type: string;
  /** Canonical JSON. */
  readonly payload: Uint8Array;
  /** Ed25519 over the chain head that this message makes. */
  readonly signature: Uint8Array;
}

/** Most bytes before a payload. */
export const maxHeaderBytes = 300;
/** Keeps a byte order mark, which no header has: a message has one spelling. */
const asciiLine = new TextDecoder('utf-8', { ignoreBOM: true });
const headerPattern =
  /^veilmark\/message\/1 (0|[1-9]\d{0,5}) (judge|owner) ([a-z]{1,20}) (0|[1-9]\d{0,9}) ([0-9a-f]{128})$/;

/** The head of the chain before the first message. 32 bytes. */
export const firstHead = taggedHash('veilmark/session/1', []);

/** `head' = H("veilmark/chain/1", head, seq, from, type, length, payload)`. */
export function nextHead(head: Uint8Array, message: Omit<Message, 'signature'>): Uint8Array {
  const { seq, from, type, payload } = message;
  return taggedHash('veilmark/chain/1', [head, seq, from, type, payload.length, payload]);
}

const signatureTag = 'veilmark/message-signature/1';

/** Signs a message onto a chain. */
export function signMessage(
  head: Uint8Array,
  message: Omit<Message, 'signature'>,
  secretKey: Uint8Array,
): Message {
  return { ...message, signature: signTagged(signatureTag, [nextHead(head, message)], secretKey) };
}

/** Checks a message's signature and place in the chain. Throws `EvidenceError` `message.signature`. */
export function verifyMessage(head: Uint8Array, message: Message, publicKey: Uint8Array): void {
  const fields = [nextHead(head, message)];
  const { signature } = message;
  if (!verifyTagged({ tag: signatureTag, fields, signature, publicKey })) {
    throw new EvidenceError({
      code: 'message.signature',
      message: `message ${message.seq} (${message.type}) is not what the ${message.from} signed at this place of the session`,
    });
  }
}

/** The bytes of a message on the wire and in a transcript. */
export function encodeMessage({ seq, from, type, payload, signature }: Message): Uint8Array {
  const header = `veilmark/message/1 ${seq} ${from} ${type} ${payload.length} ${bytesToHex(signature)}\n`;
  return concatBytes(utf8ToBytes(header), payload, utf8ToBytes('\n'));
}

/**
 * Reads one message from the start of `bytes` and says where the next one starts. The payload is not looked into.
 * Throws `InputError` `message.format`.
 */
export function decodeMessage(bytes: Uint8Array): { message: Message; length: number } {
  const lineEnd = bytes.subarray(0, maxHeaderBytes).indexOf(0x0a);
  const line = asciiLine.decode(bytes.subarray(0, Math.max(lineEnd, 0)));
  const match = headerPattern.exec(line);
  if (!match) throw badFormat(`no header line, got ${JSON.stringify(line.slice(0, 80))}`);
  const [, seq = '', from = '', type = '', size = '', signature = ''] = match;
  const end = lineEnd + 1 + Number(size);
  if (bytes[end] !== 0x0a) throw badFormat(`message ${seq} does not end where its header says`);
  return {
    message: {
      seq: Number(seq),
      from: from === 'judge' ? 'judge' : 'owner',
      type,
      payload: bytes.slice(lineEnd + 1, end),
      signature: hexBytes(signature, 64),
    },
    length: end + 1,
  };
}

/** Reads bytes that are one message and nothing else. Throws `InputError` `message.format`. */
export function decodeOneMessage(bytes: Uint8Array): Message {
  const { message, length } = decodeMessage(bytes);
  if (length !== bytes.length) throw badFormat('bytes after the end of the message');
  return message;
}

function badFormat(problem: string): InputError {
  return new InputError({ code: 'message.format', message: `not a veilmark message: ${problem}` });
}
