import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { EnvironmentError, VeilmarkError } from '../base/index.js';
import { answerRequest, HttpProblem, type ServedModel } from './inference-service.js';

export interface ServeOptions {
  readonly model: ServedModel;
  /** Default: this machine only. */
  readonly host?: string | undefined;
  /** 0 for any free one. */
  readonly port: number;
  /** Longest request body that is read, in bytes. */
  readonly bodyLimit?: number | undefined;
}

export interface ModelServer {
  /** E.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no more requests and ends when the running ones are answered. */
  close(): Promise<void>;
}

/**
 * Serves a model by the Open Inference Protocol V2 over HTTP, without authentication: a suspect to try a judge against.
 * The caller keeps the model and disposes of it after `close`. Throws `EnvironmentError` `port.in-use` or `port.listen`.
 */
export async function serveModel({
  model,
  host = '127.0.0.1',
  port,
  bodyLimit = 2 ** 25,
}: ServeOptions): Promise<ModelServer> {
  const server = createServer((request, response) => {
    void respond({ model, bodyLimit, request, response });
  });
  server.requestTimeout = 30_000;
  await listen(server, host, port);
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        // Connections that are kept alive would otherwise stay open after their last answer.
        const idle = setInterval(() => {
          server.closeIdleConnections();
        }, 50);
        server.close(() => {
          clearInterval(idle);
          resolve();
        });
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      const inUse = error.code === 'EADDRINUSE';
      reject(
        new EnvironmentError({
          code: inUse ? 'port.in-use' : 'port.listen',
          message: inUse
            ? `port ${port} of ${host} is in use`
            : `cannot listen on ${host} port ${port}: ${error.message}`,
          hint: inUse ? 'choose another port with --port, or 0 for any free one' : undefined,
          cause: error,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}

async function respond({
  model,
  bodyLimit,
  request,
  response,
}: {
  model: ServedModel;
  bodyLimit: number;
  request: IncomingMessage;
  response: ServerResponse;
}): Promise<void> {
  try {
    const [pathname = '/'] = (request.url ?? '/').split('?');
    const body = request.method === 'POST' ? await readBody(request, bodyLimit) : undefined;
    send(
      response,
      200,
      await answerRequest({ model, method: request.method ?? '', pathname, body }),
    );
  } catch (error) {
    const status = error instanceof HttpProblem ? error.status : 500;
    const known = error instanceof HttpProblem || error instanceof VeilmarkError;
    if (status === 413) response.setHeader('connection', 'close');
    send(response, status, { error: known ? error.message : 'the model could not be run' });
  }
}

async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > limit) throw new HttpProblem(413, `a request has at most ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
