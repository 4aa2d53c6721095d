import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  /** The request's JSON, or its bytes where it is none. */
  body: unknown,
) => void;

/** A scripted endpoint: well-behaved but for what a test puts in its place. */
export interface Endpoint {
  readonly url: string;
  /** `METHOD path` of every request, in order. */
  readonly asked: string[];
  /** Replaces the handler of a path. */
  set(path: string, handler: Handler): void;
  close(): Promise<void>;
}

export function json(value: unknown): Handler {
  return (_, response) => response.end(JSON.stringify(value));
}

export function text(value: string): Handler {
  return (_, response) => response.end(value);
}

export const metadata = {
  name: 'm',
  inputs: [{ name: 'image', datatype: 'UINT8', shape: [-1, 2, 3, 1] }],
  outputs: [{ name: 'label', datatype: 'INT32', shape: [-1] }],
};

/** Starts it; as it stands it takes images of 2x3x1 and answers with their first pixel as the label. */
export async function startEndpoint(): Promise<Endpoint> {
  const asked: string[] = [];
  const handlers = new Map<string, Handler>([
    ['/v2/health/ready', json({})],
    ['/v2/models/m', json(metadata)],
    ['/v2/models/m/infer', echo],
  ]);
  const server = createServer((request, response) => {
    void (async () => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      const chunks: Uint8Array[] = [];
      for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
      const sent = Buffer.concat(chunks);
      const isJson = request.headers['content-type'] === 'application/json';
      const body = isJson ? (JSON.parse(sent.toString()) as unknown) : sent;
      const handler = handlers.get(request.url ?? '');
      if (handler) handler(request, response, body);
      else response.writeHead(404).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    set: (path, handler) => {
      handlers.set(path, handler);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

const echo: Handler = (_, response, body) => {
  const { inputs } = body as { inputs: { shape: number[]; data: number[] }[] };
  const [{ shape, data }] = inputs as [{ shape: number[]; data: number[] }];
  const labels = data.filter((_value, at) => at % (data.length / shape[0]!) === 0);
  response.end(
    JSON.stringify({
      model_name: 'm',
      outputs: [{ name: 'label', datatype: 'INT32', shape: [labels.length], data: labels }],
    }),
  );
};
