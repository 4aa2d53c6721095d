import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';

import { VeilmarkError } from '../../../src/base/index.js';
import { openInferenceSuspect, predictSuspect } from '../../../src/suspect/index.js';
import type { Suspect } from '../../../src/protocol/index.js';
import { type FuzzTarget, text } from '../target.js';

const shape = { height: 2, width: 2, channels: 1 };
const picture = { shape, pixels: new Uint8Array(4) };

/** Honest answers by the end of the path; the hostile one replaces that of a path, or whole responses. */
const honest: readonly (readonly [path: string, body: unknown])[] = [
  ['/ready', {}],
  ['/infer', { outputs: [{ name: 'label', datatype: 'INT32', shape: [1], data: [1] }] }],
  [':predict', { predictions: [[0.1, 0.7, 0.2]] }],
  ['v1/models/m', { model_version_status: [{ state: 'AVAILABLE' }] }],
  [
    'v2/models/m',
    {
      name: 'm',
      inputs: [{ name: 'image', datatype: 'UINT8', shape: [-1, 2, 2, 1] }],
      outputs: [{ name: 'label', datatype: 'INT32', shape: [-1] }],
    },
  ],
];
const raw = honest.length;

let server: Promise<number> | undefined;
let hostile: { readonly place: number; readonly bytes: Uint8Array } = {
  place: -1,
  bytes: new Uint8Array(),
};

/** A listener that speaks just enough HTTP to answer one request a connection. */
function listen(): Promise<number> {
  server ??= new Promise((resolve) => {
    const made: Server = createServer((socket) => {
      socket.on('error', () => undefined);
      let heard = '';
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1');
        const [head = '', body] = heard.split('\r\n\r\n');
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        if (body === undefined || body.length < length) return;
        const path = head.split(' ')[1] ?? '';
        const place = honest.findIndex(([end]) => path.endsWith(end));
        const bytes =
          hostile.place === place || hostile.place === raw
            ? hostile.bytes
            : text.encode(JSON.stringify(honest[place]?.[1] ?? {}));
        if (hostile.place !== raw) {
          socket.write(
            `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${bytes.length}\r\n\r\n`,
          );
        }
        socket.end(bytes);
      });
    }).unref();
    made.listen(0, '127.0.0.1', () => {
      resolve((made.address() as AddressInfo).port);
    });
  });
  return server;
}

/** Replies of an API under Open Inference or `:predict`: the first byte says which request gets the hostile ones. */
export const suspectReply: FuzzTarget = {
  name: 'suspect-reply',
  quick: 40,
  seeds: () => [
    ...honest.map(([, body], place) => text.encode(String(place) + JSON.stringify(body))),
    text.encode(`${raw}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}`),
    text.encode(`${raw}HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\n\r\n`),
  ],
  run: async (input) => {
    const place = Number(String.fromCharCode(input[0] ?? 48)) % (raw + 1);
    hostile = { place, bytes: input.slice(1) };
    const port = await listen();
    const options = {
      url: `http://127.0.0.1:${port}/`,
      model: 'm',
      shape,
      classes: 3,
      batchSize: 1,
      limits: { timeoutMs: 500, responseLimit: 2 ** 20 },
    };
    const said = [await asked(openInferenceSuspect, options), await asked(predictSuspect, options)];
    return said.join(' ');
  },
};

async function asked<O>(open: (options: O) => Promise<Suspect>, options: O): Promise<string> {
  let suspect: Suspect;
  try {
    suspect = await open(options);
  } catch (error) {
    if (error instanceof VeilmarkError) return error.code;
    throw error;
  }
  const answers = await suspect.classify([picture, picture]);
  await suspect.close();
  if (answers.length !== 2) throw new Error(`${answers.length} answers to two questions`);
  return answers
    .map((answer) => ('refused' in answer ? answer.refused : inRange(answer.label)))
    .join();
}

function inRange(label: number): string {
  if (Number.isSafeInteger(label) && label >= 0 && label < 3) return 'label';
  throw new Error(`the label ${label} of three classes`);
}
