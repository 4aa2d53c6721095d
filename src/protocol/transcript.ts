import { bytesToHex, concatBytes, equalBytes, InputError, utf8ToBytes } from '../base/index.js';
import { taggedHash } from '../crypto/index.js';
import { decodeMessage, encodeMessage, type Message } from './message.js';

/** A whole session as it is archived: the commitment file, every message as it was sent, and a refused one. */
export interface Transcript {
  readonly commitment: Uint8Array;
  readonly messages: readonly Message[];
  /** The bytes that a party refused; the abort that follows them is the last message. */
  readonly refused?: Uint8Array;
}

const firstLine = utf8ToBytes('veilmark/transcript/1\n');
const lineFeed = utf8ToBytes('\n');
const sectionHead = new TextDecoder('utf-8', { ignoreBOM: true });

/** Whether bytes start as a transcript does. */
export function isTranscript(file: Uint8Array): boolean {
  return equalBytes(file.subarray(0, firstLine.length), firstLine);
}

/**
 * The transcript file: a first line, the commitment file, the messages, a refused message before the last, and a line
 * with a digest of it all against accidents (signatures guard against the rest).
 */
export function encodeTranscript({ commitment, messages, refused }: Transcript): Uint8Array {
  const encoded = messages.map(encodeMessage);
  if (refused) encoded.splice(-1, 0, section('refused', refused));
  const body = concatBytes(firstLine, section('commitment', commitment), ...encoded);
  return concatBytes(body, endLine(body));
}

function endLine(body: Uint8Array): Uint8Array {
  return utf8ToBytes(`end ${bytesToHex(taggedHash('veilmark/transcript-digest/1', [body]))}\n`);
}

const endLength = 4 + 64 + 1;

function section(name: string, bytes: Uint8Array): Uint8Array {
  return concatBytes(utf8ToBytes(`${name} ${bytes.length}\n`), bytes, lineFeed);
}

/** Reads a transcript file. Throws `InputError` `transcript.format` or `message.format`. */
export function decodeTranscript(bytes: Uint8Array): Transcript {
  if (!isTranscript(bytes))
    throw badFormat('it does not start with the line veilmark/transcript/1');
  const file = bytes.subarray(0, -endLength);
  if (!equalBytes(bytes.subarray(-endLength), endLine(file))) {
    throw badFormat('its last line does not fit the rest: it was cut off or changed');
  }
  let at = firstLine.length;
  const readSection = (name: string): Uint8Array | undefined => {
    const head = sectionHead.decode(file.subarray(at, at + 40));
    const match = new RegExp(`^${name} (0|[1-9]\\d{0,9})\\n`).exec(head);
    if (!match) return undefined;
    const start = at + match[0].length;
    const end = start + Number(match[1]);
    if (file[end] !== 0x0a) throw badFormat(`its ${name} does not end where it should`);
    at = end + 1;
    return file.slice(start, end);
  };
  const commitment = readSection('commitment');
  if (!commitment) throw badFormat('it does not hold a commitment file');
  const messages: Message[] = [];
  let refused: Uint8Array | undefined;
  while (at < file.length) {
    refused ??= readSection('refused');
    const { message, length } = decodeMessage(file.subarray(at));
    messages.push(message);
    at += length;
    const last = at === file.length;
    if (refused && !(last && message.type === 'abort')) {
      throw badFormat('a refused message is followed by something else than the last abort');
    }
  }
  return { commitment, messages, ...(refused && { refused }) };
}

function badFormat(problem: string): InputError {
  return new InputError({
    code: 'transcript.format',
    message: `not a transcript, or it is damaged: ${problem}`,
  });
}
