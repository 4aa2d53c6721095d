import { expect } from 'chai';

import { fromBase64 } from '../../src/base/index.js';
import { SeededStream } from '../../src/crypto/index.js';
import { memoryQueryLog, type QueryLog } from '../../src/protocol/index.js';
import {
  type AttemptRecord,
  loggedAttempts,
  openInferenceSuspect,
  type OpenInferenceOptions,
  readRetryAfter,
} from '../../src/suspect/index.js';
import { type Endpoint, type Handler, json, startEndpoint, text } from './endpoint.js';

const shape = { height: 2, width: 3, channels: 1 };
const infer = '/v2/models/m/infer';
const images = [{ shape, pixels: Uint8Array.of(2, 11, 12, 13, 14, 15) }];
const answered = json({ outputs: [{ name: 'label', data: [2] }] });
const now = Date.parse('2026-01-02T03:04:05Z');

describe('a question to a suspect', () => {
  let endpoint: Endpoint;
  let pauses: number[];
  let attempts: AttemptRecord[];
  beforeEach(async () => {
    endpoint = await startEndpoint();
    pauses = [];
    attempts = [];
  });
  afterEach(() => endpoint.close());

  const open = (change: Partial<OpenInferenceOptions> = {}, remaining = 3_600_000) => {
    const jitter = new SeededStream('test/jitter', []);
    return openInferenceSuspect({
      url: endpoint.url,
      model: 'm',
      shape,
      classes: 4,
      limits: { timeoutMs: 200, responseLimit: 2000 },
      record: (attempt) => {
        if (attempt.method === 'POST') attempts.push(attempt);
        return Promise.resolve();
      },
      retry: {
        retries: 3,
        below: (bound) => jitter.below(bound),
        now: () => now,
        sleep: (milliseconds) => {
          pauses.push(milliseconds);
          return Promise.resolve();
        },
        remaining: () => remaining,
      },
      ...change,
    });
  };
  /** Answers with each handler in turn, then with a class. */
  const script = (...handlers: Handler[]): void => {
    endpoint.set(infer, (...exchange) => {
      (handlers.shift() ?? answered)(...exchange);
    });
  };
  const status =
    (code: number, headers: Record<string, string> = {}): Handler =>
    (_, response) =>
      response.writeHead(code, headers).end('busy');
  const broken: Handler = (request) => request.socket.destroy();
  const half: Handler = (request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('{', () => request.socket.destroy());
  };

  const passing: Record<string, Handler> = {
    'does not answer in time': () => undefined,
    'breaks the connection': broken,
    'breaks off its answer': half,
    'is asked too often': status(429),
    'has a bad gateway': status(502),
    'is unavailable': status(503),
    'has a slow gateway': status(504),
  };
  for (const [what, handler] of Object.entries(passing)) {
    it(`is asked again when it ${what}`, async () => {
      const suspect = await open();
      script(handler);
      expect(await suspect.classify(images)).to.deep.equal([{ label: 2 }]);
      expect(attempts.map(({ attempt }) => attempt)).to.deep.equal([0, 1]);
      expect(attempts[0]!.failed).to.not.equal('');
      expect(attempts[1]).to.include({ failed: '', status: 200 });
    });
  }

  const final: Record<string, [string, Handler]> = {
    'is no JSON': ['suspect.garbage', text('<html>')],
    'is an error of its own': ['suspect.http', status(500)],
    'says that the question is wrong': ['suspect.http', status(400)],
    'is elsewhere': ['suspect.redirect', status(307, { location: '/x' })],
    'is too long': ['suspect.too-large', text(' '.repeat(2001))],
    'names no class': ['suspect.answer', json({ outputs: [{ name: 'label', data: [9] }] })],
  };
  for (const [what, [cause, handler]] of Object.entries(final)) {
    it(`is not asked again when the answer ${what}`, async () => {
      const suspect = await open();
      script(handler);
      expect(await suspect.classify(images)).to.deep.equal([{ refused: cause }]);
      expect(attempts).to.have.length(1);
      expect(pauses).to.deep.equal([]);
    });
  }

  it('is asked as often as the policy says, after pauses that double', async () => {
    const suspect = await open();
    script(...Array<Handler>(9).fill(status(503)));
    expect(await suspect.classify(images)).to.deep.equal([{ refused: 'suspect.http' }]);
    expect(attempts).to.have.length(4);
    pauses.forEach((pause, i) => expect(pause).to.be.within(250 * 2 ** i, 500 * 2 ** i));
    expect(pauses).to.have.length(3);
    expect(await (await open({ retry: undefined })).classify(images)).to.have.length(1);
    expect(attempts).to.have.length(5);
  });

  it('waits as long as it is told to, within the time that is left', async () => {
    const after = (value: string) => status(429, { 'retry-after': value });
    const suspect = await open();
    script(after('7'), after('Fri, 02 Jan 2026 03:05:05 GMT'), after('nonsense'));
    expect(await suspect.classify(images)).to.deep.equal([{ label: 2 }]);
    expect(pauses.slice(0, 2)).to.deep.equal([7000, 60_000]);
    expect(pauses[2]).to.be.within(1000, 2000);
    script(after('7'));
    const hurried = await open({}, 6999);
    expect(await hurried.classify(images)).to.deep.equal([{ refused: 'suspect.http' }]);
    expect(readRetryAfter('Fri, 02 Jan 2026 03:04:04 GMT', now)).to.equal(0);
    expect(readRetryAfter('-1x', now)).to.equal(undefined);
  });

  it('ends when the judge stops in a pause', async () => {
    const stop = new AbortController();
    const suspect = await open();
    script(status(503, { 'retry-after': '1' }));
    endpoint.set(infer, (request, response, body) => {
      stop.abort();
      status(503)(request, response, body);
    });
    expect(await suspect.classify(images, stop.signal)).to.deep.equal([
      { refused: 'suspect.stopped' },
    ]);
    expect(attempts).to.have.length(1);
  });

  const planned = async (): Promise<QueryLog> => {
    const log = memoryQueryLog();
    const plan = {
      questions: [],
      repeats: 0,
      seed: '00'.repeat(32),
      session: '00'.repeat(32),
      suspect: (await open()).descriptor,
    };
    await log.append({ plan });
    return log;
  };
  const posts = (): number => endpoint.asked.filter((line) => line.startsWith('POST')).length;

  for (const [what, [cause, handler]] of Object.entries(final)) {
    it(`that was heard before the judge was killed is not asked again when the answer ${what}`, async () => {
      const log = await planned();
      script(handler);
      await (await open(loggedAttempts(log))).classify(images);
      const again = await open(loggedAttempts(log));
      expect(await again.classify(images)).to.deep.equal([{ refused: cause }]);
      expect(posts()).to.equal(1);
    });
  }

  it('that found nobody before the judge was killed is asked again', async () => {
    const log = await planned();
    script(...Array<Handler>(4).fill(status(503)));
    await (await open(loggedAttempts(log))).classify(images);
    const again = await open(loggedAttempts(log));
    expect(await again.classify(images)).to.deep.equal([{ label: 2 }]);
  });

  it('is kept in part once the log is long', async () => {
    const log = await planned();
    const long = `{"outputs":[{"name":"label","data":[2]}]}${' '.repeat(5000)}`;
    script(text(long), text(long));
    const limits = { timeoutMs: 200, responseLimit: 9000 };
    const suspect = await open({ ...loggedAttempts(log, { whole: 4000 }), limits });
    const kept = () =>
      log.state.pending.flatMap(({ method, response: { bytes, length } }) =>
        method === 'POST' ? [[fromBase64(bytes).length, length]] : [],
      );
    expect(log.state.length).to.be.lessThan(4000);
    await suspect.classify(images);
    expect(await suspect.classify(images)).to.deep.equal([{ label: 2 }]);
    expect(kept()).to.deep.equal([
      [long.length, long.length],
      [4096, long.length],
    ]);
  });

  it('is not asked again when the log heard its answer before the judge was killed', async () => {
    const log = await planned();
    const first = await open(loggedAttempts(log));
    await first.classify(images);
    expect(posts()).to.equal(1);
    const second = await open(loggedAttempts(log));
    endpoint.set(infer, json({ outputs: [{ name: 'label', data: [3] }] }));
    expect(await second.classify(images)).to.deep.equal([{ label: 2 }]);
    expect(posts()).to.equal(1);
    expect(await second.classify(images), 'only once').to.deep.equal([{ label: 3 }]);
    await log.append({ answers: [{ label: 2 }], at: '2026-01-02T03:04:05.678Z' });
    const third = await open(loggedAttempts(log));
    await third.classify(images);
    expect(posts()).to.equal(3);
  });
});
