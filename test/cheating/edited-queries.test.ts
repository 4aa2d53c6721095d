import { expect } from 'chai';

import { sha256 } from '@noble/hashes/sha2.js';

import { bytesToHex, hexBytes, toBase64, utf8ToBytes } from '../../src/base/index.js';
import type { AttemptEntry, NewEntry, Plan, Verdict } from '../../src/protocol/index.js';
import { type VerificationReport, verifyTranscript } from '../../src/verifier/index.js';
import { rewrite, nextMessage } from '../support/cheat.js';
import { markedSuspect, sharedClaim, testPolicy } from '../support/claim.js';
import { LineLog } from '../support/queries.js';
import { judgeKey, runSession } from '../support/session.js';

const body = (text: string): AttemptEntry['request'] => {
  const bytes = utf8ToBytes(text);
  return { bytes: toBase64(bytes), digest: bytesToHex(sha256(bytes)), length: bytes.length };
};
const attempt: AttemptEntry = {
  attempt: 0,
  certificate: '',
  ended: '2026-01-02T03:04:05.678Z',
  failed: '',
  kind: 'http',
  method: 'POST',
  request: body('a question'),
  requestHeaders: {},
  response: body('an answer'),
  responseHeaders: {},
  started: '2026-01-02T03:04:05.678Z',
  status: 200,
  url: 'http://127.0.0.1/',
};

/** Attack: the log of questions and answers is changed, cut, exchanged, or does not fit what the judge signed. */
describe('a query log edited afterwards', () => {
  const { commitment: opened } = sharedClaim();
  let transcript: Uint8Array;
  let log: LineLog;
  before(async () => {
    log = new LineLog();
    await log.append({ attempt });
    const suspect = markedSuspect(sharedClaim(), (label, place) =>
      place === 7 ? { refused: 'suspect.timeout' } : { label },
    );
    const { judge } = await runSession(sharedClaim(), { judge: { queries: log, suspect } });
    ({ transcript } = judge);
  });

  const verify = (queries: Uint8Array, file = transcript): VerificationReport =>
    verifyTranscript(file, { opened, policy: testPolicy, queries });
  const expectInvalid = (report: VerificationReport, cause: string, name: string): void => {
    expect(report.outcome).to.deep.include({ verdict: 'invalid', cause, fault: 'nobody' });
    const failed = report.checks.filter(({ status }) => status === 'failed');
    expect(failed.map((check) => check.name)).to.deep.equal([name]);
  };

  it('is not the one that the honest judge kept', () => {
    const report = verify(log.bytes);
    expect(report.outcome.verdict).to.equal('proved');
    expect(report.queries).to.include({ attempts: 1 });
    const passed = report.checks.filter(({ status }) => status === 'passed');
    const names = passed.map(({ name }) => name);
    expect(names).to.include.members(['queries.chain', 'queries.questions', 'queries.answers']);
    const without = verifyTranscript(transcript, { opened, policy: testPolicy });
    const notRun = without.checks.filter(({ status }) => status === 'not-run');
    expect(notRun.map(({ name, detail }) => [name, detail])).to.deep.equal(
      ['queries.chain', 'queries.questions', 'queries.answers'].map((name) => [
        name,
        'no query log was given',
      ]),
    );
  });

  it('is found out by its chain when a byte, a line or an end is missing', () => {
    const text = new TextDecoder().decode(log.bytes);
    const bent = text.replace('"repeats":20', '"repeats":21');
    expectInvalid(verify(utf8ToBytes(bent)), 'queries.chain', 'queries.chain');
    const { lines } = log;
    const short = LineLog.of(lines.slice(0, -1)).bytes;
    expectInvalid(verify(short), 'queries.digest', 'queries.chain');
    expectInvalid(verify(log.bytes.subarray(0, -1)), 'queries.format', 'queries.chain');
    expectInvalid(verify(new Uint8Array()), 'queries.digest', 'queries.chain');
    const bodies = text.replace(
      toBase64(utf8ToBytes('an answer')),
      toBase64(utf8ToBytes('an Answer')),
    );
    expectInvalid(verify(utf8ToBytes(bodies)), 'queries.bodies', 'queries.chain');
  });

  it('of another session is not taken', async () => {
    const other = new LineLog();
    await runSession(sharedClaim(), { judge: { queries: other } });
    expectInvalid(verify(other.bytes), 'queries.digest', 'queries.chain');
  });

  it('by the judge himself, signed anew, must fit the session and the counts', async () => {
    const entries = log.lines.map((line) => JSON.parse(new TextDecoder().decode(line)) as NewEntry);
    const rebuilt = async (change: (entry: NewEntry) => NewEntry): Promise<LineLog> => {
      const made = new LineLog();
      for (const entry of entries) {
        const { previous, sequence, ...rest } = change(entry) as NewEntry & Record<string, unknown>;
        expect(previous).to.be.a('string');
        expect(sequence === undefined).to.equal(!('attempt' in entry));
        await made.append(rest);
      }
      return made;
    };
    const signed = ({ state }: LineLog): Uint8Array =>
      rewrite(transcript, ({ messages }) => {
        const payload = JSON.parse(new TextDecoder().decode(messages[4]!.payload)) as Verdict;
        const verdict = { ...payload, queries: bytesToHex(state.head) };
        const said = { from: 'judge', type: 'verdict', payload: verdict } as const;
        const before = messages.slice(0, 4);
        return { messages: [...before, nextMessage(before, said, judgeKey.secretKey)] };
      });
    const planned = (change: (plan: Plan) => Partial<Plan>) => (entry: NewEntry) =>
      'plan' in entry ? { ...entry, plan: { ...entry.plan, ...change(entry.plan) } } : entry;

    const same = await rebuilt((entry) => entry);
    expect(verify(same.bytes, signed(same)).outcome.verdict).to.equal('proved');

    const forged: [string, (entry: NewEntry) => NewEntry][] = [
      ['queries.questions', planned(() => ({ session: '00'.repeat(32) }))],
      ['queries.questions', planned(({ questions }) => ({ questions: questions.slice(1) }))],
      [
        'queries.questions',
        planned(({ suspect }) => ({ suspect: { ...suspect, identity: 'another' } })),
      ],
      ['queries.questions', planned(() => ({ repeats: 19 }))],
      ['queries.questions', planned(() => ({ repeats: 21 }))],
      [
        'queries.answers',
        planned(({ seed }) => ({ seed: bytesToHex(hexBytes(seed, 32).reverse()) })),
      ],
      [
        'queries.answers',
        (entry) =>
          'answers' in entry
            ? { ...entry, answers: entry.answers.map(() => ({ label: 1 })) }
            : entry,
      ],
    ];
    for (const [code, change] of forged) {
      const made = await rebuilt(change);
      expectInvalid(verify(made.bytes, signed(made)), code, code);
    }
  });
});
