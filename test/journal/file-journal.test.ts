import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { equalBytes } from '../../src/base/index.js';
import { systemRandom } from '../../src/crypto/index.js';
import { writeFileAtomic } from '../../src/files/index.js';
import { archivedJournal, openJournal, SessionFolder } from '../../src/journal/index.js';
import { decodeTranscript, encodeMessage, type JournalRecord } from '../../src/protocol/index.js';
import { runOwner } from '../../src/prover/index.js';
import { memoryChannels } from '../../src/transport/index.js';
import { coded } from '../coded.js';
import { sharedClaim } from '../support/claim.js';
import { ownerOptions, runSession } from '../support/session.js';

const commitment = new Uint8Array(32).fill(1);
const record = (byte: number): JournalRecord => ({
  kind: 'own',
  message: new Uint8Array(20).fill(byte),
});

describe('a journal on disk', () => {
  let folder: string;
  let path: string;
  const open = (role: 'judge' | 'owner' = 'judge', about = commitment) =>
    openJournal(path, { role, commitment: about, random: systemRandom });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-journal-'));
    path = join(folder, 't.journal');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is there from its first record on, for its owner’s eyes only, and keeps its secret', async () => {
    const first = await open();
    expect(await readdir(folder)).to.deep.equal(['t.journal.lock']);
    await first.append(record(1));
    await first.append(record(2));
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    await first.close();
    expect(await readdir(folder)).to.deep.equal(['t.journal']);
    const again = await open();
    expect(again.records).to.deep.equal([record(1), record(2)]);
    expect(equalBytes(again.secret, first.secret)).to.equal(true);
    await again.remove();
    expect(await readdir(folder)).to.deep.equal([]);
    const fresh = await open();
    expect(equalBytes(fresh.secret, first.secret)).to.equal(false);
    await fresh.close();
  });

  it('writes over what a kill or a full disk left behind its last whole record', async () => {
    const first = await open();
    await first.append(record(1));
    const { size } = await stat(path);
    await first.append(record(2));
    await first.close();
    await truncate(path, size + 30);
    const second = await open();
    expect(second.records).to.deep.equal([record(1)]);
    await appendFile(path, 'more of it');
    await second.append(record(3));
    await second.close();
    const third = await open();
    expect(third.records).to.deep.equal([record(1), record(3)]);
    await third.close();
  });

  it('is refused when it is another party’s, or of another commitment', async () => {
    const first = await open();
    await first.append(record(1));
    await first.close();
    await coded('journal.session', () => open('owner'));
    await coded('journal.session', () => open('judge', new Uint8Array(32)));
    expect(await readdir(folder)).to.deep.equal(['t.journal']);
  });
});

describe('an owner’s folder of sessions', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-sessions-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('finds a session by the judge’s first message, while it runs and when it is over', async () => {
    const claim = sharedClaim();
    const { owner } = await runSession(claim);
    const messages = decodeTranscript(owner.transcript).messages.map(encodeMessage);
    const [hello] = messages;
    const sessions = new SessionFolder({
      journals: join(folder, 'sessions'),
      transcripts: join(folder, 'transcripts'),
      commitment: claim.commitment.digest,
      random: systemRandom,
    });
    expect(await sessions.waiting()).to.deep.equal([]);
    const begun = await sessions.take(hello!);
    if (begun.kind !== 'open') expect.fail('it is over before it began');
    const { journal } = begun;
    await journal.append({ kind: 'peer', message: hello! });
    const [waiting, ...none] = await sessions.waiting();
    expect(none).to.deep.equal([]);
    expect(waiting!.name).to.equal(sessions.nameOf(hello!));
    expect(waiting!.hello).to.deep.equal(hello);
    await journal.remove();
    await writeFileAtomic(sessions.transcriptPath(sessions.nameOf(hello!)), owner.transcript);
    const ended = await sessions.take(hello!);
    expect(ended).to.include({ kind: 'over' });
    expect(ended.journal.records).to.have.length(6);
    const other = await sessions.take(messages[2]!);
    expect(other).to.include({ kind: 'open' });
    if (other.kind === 'open') await other.journal.close();
    expect(await readFile(sessions.transcriptPath(waiting!.name))).to.have.length.above(1000);

    // Whoever asks again hears the same again, and nothing new is said, recorded or spent.
    const [judgeEnd, ownerEnd] = memoryChannels();
    await judgeEnd.send(hello!);
    const record = await runOwner({
      ...ownerOptions(claim, ownerEnd),
      journalOf: () => Promise.resolve(archivedJournal(owner.transcript, 'owner')),
    });
    for (const place of [1, 3, 5]) {
      expect(await judgeEnd.receive(1)).to.deep.equal(messages[place]);
    }
    expect(record.transcript).to.deep.equal(owner.transcript);
  });
});
