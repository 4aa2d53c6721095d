import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { expect } from 'chai';

import {
  type AttemptRecord,
  hideSecrets,
  openInferenceSuspect,
  type OpenInferenceOptions,
} from '../../src/suspect/index.js';
import { type Endpoint, startEndpoint } from './endpoint.js';

const shape = { height: 2, width: 3, channels: 1 };
const infer = '/v2/models/m/infer';
const images = [{ shape, pixels: Uint8Array.of(2, 11, 12, 13, 14, 15) }];
const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

describe('the record of an attempt', () => {
  let endpoint: Endpoint;
  let attempts: AttemptRecord[];
  beforeEach(async () => {
    endpoint = await startEndpoint();
    attempts = [];
  });
  afterEach(() => endpoint.close());

  const open = (change: Partial<OpenInferenceOptions> = {}) =>
    openInferenceSuspect({
      url: endpoint.url,
      model: 'm',
      shape,
      classes: 4,
      limits: { timeoutMs: 300, responseLimit: 5000 },
      record: (attempt) => {
        attempts.push(attempt);
        return Promise.resolve();
      },
      ...change,
    });

  it('holds everything that travelled, from the first question on', async () => {
    const suspect = await open();
    await suspect.classify(images);
    expect(attempts.map(({ method, url, status }) => [method, url, status])).to.deep.equal([
      ['GET', `${endpoint.url}/v2/health/ready`, 200],
      ['GET', `${endpoint.url}/v2/models/m`, 200],
      ['POST', `${endpoint.url}${infer}`, 200],
    ]);
    const { request, response, ...rest } = attempts[2]!;
    const sent = JSON.parse(Buffer.from(request.bytes).toString()) as object;
    expect(sent).to.have.property('inputs');
    expect(request).to.include({ digest: sha256(request.bytes), length: request.bytes.length });
    expect(Buffer.from(response.bytes).toString()).to.include('"data":[2]');
    expect(response.digest).to.equal(sha256(response.bytes));
    expect(rest).to.include({ kind: 'http', attempt: 0, certificate: '', failed: '' });
    expect(rest.requestHeaders).to.include({ 'content-type': 'application/json' });
    expect(Date.parse(rest.started)).to.be.at.most(Date.parse(rest.ended));
  });

  it('holds a compressed answer as it travelled, and an unpacked bomb not at all', async () => {
    const suspect = await open();
    const small = gzipSync('{"outputs":[{"name":"label","data":[3]}]}');
    const bomb = gzipSync(' '.repeat(5001));
    for (const [body, answer] of [
      [small, { label: 3 }],
      [bomb, { refused: 'suspect.too-large' }],
      [small.subarray(0, 20), { refused: 'suspect.garbage' }],
    ] as const) {
      endpoint.set(infer, (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
      });
      expect(await suspect.classify(images)).to.deep.equal([answer]);
      expect(attempts.at(-1)!.response.digest).to.equal(sha256(body));
      expect(attempts.at(-1)!.failed).to.equal('');
    }
  });

  it('holds the first part of a body that is too long', async () => {
    const suspect = await open();
    endpoint.set(infer, (_, response) => response.end(Buffer.alloc(60_000, 'a')));
    expect(await suspect.classify(images)).to.deep.equal([{ refused: 'suspect.too-large' }]);
    const { response, failed } = attempts.at(-1)!;
    expect(failed).to.equal('suspect.too-large');
    expect(response.bytes).to.have.length(4096);
    expect(response.length).to.be.above(5000);
    const errors = 'b'.repeat(6000);
    endpoint.set(infer, (_, reply) => reply.writeHead(500).end(errors));
    expect(await suspect.classify(images)).to.deep.equal([{ refused: 'suspect.http' }]);
  });

  it('holds no secret, but digests that whoever has the salt can check', async () => {
    const headers = {
      Authorization: 'Bearer hush',
      'X-Api-Key': 'hush',
      'x-team': 'hush',
      accept: 'b',
    };
    const salt = new Uint8Array(32).fill(7);
    endpoint.set(infer, (_, response) => {
      response.writeHead(200, { 'set-cookie': 'hush' }).end('{}');
    });
    const suspect = await open({ headers, salt, secretNames: ['X-Team'] });
    await suspect.classify(images);
    expect(JSON.stringify(attempts)).to.not.include('hush');
    const { requestHeaders, responseHeaders } = attempts.at(-1)!;
    expect(requestHeaders['accept']).to.equal('b');
    expect(requestHeaders['authorization']).to.match(/^secret [0-9a-f]{64}$/);
    expect(requestHeaders['x-team']).to.equal(requestHeaders['x-api-key']);
    expect(responseHeaders['set-cookie']).to.match(/^secret [0-9a-f]{64}$/);
    expect(hideSecrets(headers, { salt, secretNames: ['x-team'] })).to.include({
      'x-team': requestHeaders['x-team'],
    });
    expect(hideSecrets(headers, { salt: new Uint8Array(32) })['x-api-key']).to.not.equal(
      requestHeaders['x-api-key'],
    );
    expect(hideSecrets(headers, {})['authorization']).to.equal('secret');
  });

  it('holds no secret that the suspect sends back', async () => {
    const key = 'sk-0123/456789';
    const says = `{"error":"the key ${key.replace('/', '\\/')} is unknown"}`;
    endpoint.set(infer, (_, response) => {
      response.writeHead(200, { 'x-echo': `got ${key}`, 'x-other': 'b' }).end(says);
    });
    const suspect = await open({ headers: { authorization: `Bearer ${key}` } });
    await suspect.classify(images);
    const { response, responseHeaders } = attempts.at(-1)!;
    expect(responseHeaders).to.include({ 'x-echo': 'secret', 'x-other': 'b' });
    expect(Buffer.from(response.bytes).toString()).to.equal('{"error":"the key ');
    expect(response).to.include({ digest: sha256(says), length: says.length });
    endpoint.set(infer, (_, answer) => {
      answer.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(key));
    });
    await suspect.classify(images);
    expect(attempts.at(-1)!.response.bytes).to.have.length(0);
    expect(attempts.at(-1)!.response.length).to.equal(gzipSync(key).length);
  });

  it('that cannot be kept stops the judge', async () => {
    let keep = true;
    const record = () => (keep ? Promise.resolve() : Promise.reject(new Error('no space')));
    const suspect = await open({ record });
    keep = false;
    const error = await suspect.classify(images).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error?.message).to.equal('no space');
  });

  it('names the certificate of the remote', async () => {
    const file = (name: string) => readFileSync(join(import.meta.dirname, 'tls', name));
    const cert = file('certificate.pem');
    const server = createServer({ key: file('key.pem'), cert }, (_, response) => {
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
      for (const authority of [cert.toString(), undefined]) {
        await open({ url, authority }).catch(() => undefined);
      }
      const [trusted, stranger] = attempts;
      expect(trusted).to.include({
        status: 404,
        certificate: sha256(new X509Certificate(cert).raw),
      });
      expect(stranger).to.include({ status: -1, certificate: '', failed: 'suspect.unreachable' });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('has what an endpoint says of its model, for comparison', async () => {
    const suspect = await open();
    const before = await suspect.identify?.();
    expect(before).to.match(/^[0-9a-f]{64}$/);
    expect(await suspect.identify?.()).to.equal(before);
    endpoint.set('/v2/models/m', (_, response) => response.end('{"versions":["2"]}'));
    expect(await suspect.identify?.()).to.not.equal(before);
    endpoint.set('/v2/models/m', (_, response) => response.writeHead(500).end());
    expect(await suspect.identify?.()).to.equal(undefined);
  });
});
