import { canonical } from '../bytes.js';
import { encodeMessage, play, sealTranscript, transcript } from '../session.js';
import { bytesInVector } from './case.js';
import { aborted, honest, judgeSeed } from './stories.js';

/** Bytes that are not exactly one message. */
export function malformedMessages(message: Uint8Array) {
  const text = Buffer.from(message).toString('utf8');
  const [header = ''] = text.split('\n');
  const length = Number(header.split(' ')[4]);
  const edit = (from: string | RegExp, to: string) => text.replace(from, to);
  const files: Record<string, string> = {
    nothing: '',
    'a line feed': '\n',
    'the header alone': text.slice(0, text.indexOf('\n') + 1),
    'a byte short': text.slice(0, -1),
    'a byte long': `${text}\n`,
    'two messages': text + text,
    'another version': edit('message/1', 'message/2'),
    'a leading zero in the number': edit(' 2 ', ' 02 '),
    'a sign before the number': edit(' 2 ', ' +2 '),
    'a number of 7 digits': edit(' 2 ', ' 1000000 '),
    'an unknown party': edit(' judge ', ' jury '),
    'capitals in the type': edit(' challenge ', ' Challenge '),
    'no type': edit(' challenge ', '  '),
    'a type of 21 letters': edit(' challenge ', ` ${'x'.repeat(21)} `),
    'two spaces': edit(' challenge ', ' challenge  '),
    'a length one too small': edit(` ${length} `, ` ${length - 1} `),
    'a length one too large': edit(` ${length} `, ` ${length + 1} `),
    'a length beyond everything': edit(` ${length} `, ' 9999999999 '),
    'a leading zero in the length': edit(` ${length} `, ` 0${length} `),
    'a signature of 63 bytes': edit(/[0-9a-f]{2}\n/, '\n'),
    'capitals in the signature':
      header.slice(0, -128) + header.slice(-128).toUpperCase() + text.slice(header.length),
    'CR LF after the header': edit('\n', '\r\n'),
    'a byte order mark': `\ufeff${text}`,
  };
  return Object.entries(files).map(([name, file]) => ({
    name,
    ...bytesInVector(Buffer.from(file)),
    code: 'message.format',
  }));
}

/** Files that are no transcript, and transcripts with a message after the end. */
export function damagedTranscripts() {
  const { file } = honest.commitment;
  const { messages, heads } = play(honest);
  const whole = transcript(file, messages);
  const body = whole.subarray(0, -69);
  const text = body.toString('utf8');
  const sealed = (changed: string) => sealTranscript(Buffer.from(changed));
  const first = text.indexOf('veilmark/message/1');
  const refused = 'refused 1\n?\n';
  const format: Record<string, Uint8Array> = {
    nothing: Buffer.alloc(0),
    'the first line alone': Buffer.from('veilmark/transcript/1\n'),
    'no last line': body,
    'a byte of the last line': whole.map((byte, i) => (i === whole.length - 2 ? byte ^ 1 : byte)),
    'a byte within': whole.map((byte, i) => (i === 1000 ? byte ^ 1 : byte)),
    'a line feed too many': Buffer.concat([whole, Buffer.from('\n')]),
    'the first half': whole.subarray(0, whole.length / 2),
    'another version': sealed(text.replace('/1\n', '/2\n')),
    'no commitment': sealed(`veilmark/transcript/1\n${text.slice(first)}`),
    'a leading zero in a length': sealed(text.replace('commitment ', 'commitment 0')),
    'a commitment one byte longer than it is': sealed(
      text.replace(`commitment ${file.length}\n`, `commitment ${file.length + 1}\n`),
    ),
    'a refused message in the middle': sealed(text.slice(0, first) + refused + text.slice(first)),
  };
  const message: Record<string, Uint8Array> = {
    'a refused message at the end': sealed(text + refused),
    'two refused messages': sealed(text.slice(0, first) + refused + refused + text.slice(first)),
    'bytes between messages': sealed(`${text.slice(0, first)}\n${text.slice(first)}`),
    'a message cut off': sealed(text.slice(0, -10)),
    'two commitments': sealed(
      text.slice(0, first) +
        text.slice('veilmark/transcript/1\n'.length, first) +
        text.slice(first),
    ),
  };
  const again = {
    seq: 6,
    from: 'owner',
    type: 'acknowledgement',
    payload: '{"agrees":true}',
  } as const;
  const abort = {
    ...again,
    from: 'judge',
    type: 'abort',
    payload: canonical({ code: 'a', fault: 'nobody', message: '', refused: '' }),
  } as const;
  const late: Record<string, Uint8Array> = {
    'an acknowledgement after the end': encodeMessage(
      heads[6]!,
      again,
      honest.commitment.mark.ownerSeed,
    ),
    'an abort after the end': encodeMessage(heads[6]!, abort, judgeSeed),
    'the last message again': messages[5]!,
  };
  const stop = { after: 3, by: 'judge', fault: 'owner' } as const;
  const rows = (files: Record<string, Uint8Array>, code: string) =>
    Object.entries(files).map(([name, bytes]) => ({ name, code, ...bytesInVector(bytes) }));
  return {
    malformed: [...rows(format, 'transcript.format'), ...rows(message, 'message.format')],
    invalid: [
      ...rows(
        Object.fromEntries(
          Object.entries(late).map(([name, last]) => [name, transcript(file, [...messages, last])]),
        ),
        'session.order',
      ),
      ...rows(
        {
          'an abort over a message that is not shown': aborted({ ...stop, named: messages[3]! }),
          'a refused message that the abort does not name': aborted({
            ...stop,
            refused: messages[3]!,
            named: null,
          }),
          'another refused message than the abort names': aborted({
            ...stop,
            refused: messages[3]!,
            named: messages[4]!,
          }),
        },
        'abort.refused',
      ),
    ],
  };
}
