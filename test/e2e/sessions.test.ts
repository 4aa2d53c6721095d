import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { type Ended, fails, newFolder, start, stateOf, succeeds, veilmark } from './veilmark.js';
import {
  copyClaim,
  judgeWords,
  listing,
  session,
  type Workshop,
  workshop,
  writePolicy,
} from './workshop.js';

/** Makes journals look as if nothing had happened for a week. */
function age(sessions: string): void {
  const then = Date.now() / 1000 - 7 * 24 * 3600;
  const journals = readdirSync(sessions).filter((name) => name.endsWith('.journal'));
  expect(journals).to.have.length(1);
  for (const name of journals) utimesSync(join(sessions, name), then, then);
}

describe('sessions that stop and go on', function () {
  this.timeout(180_000);
  let shop: Workshop;
  let policy: string;

  before(async () => {
    shop = await workshop();
    policy = writePolicy(newFolder());
  });

  const judgeOptions = (): string[] => [
    ...['--commitment', shop.commitment, '--key', shop.judgeKey, '--decoys', shop.data],
    ...['--suspect', shop.model, '--policy', policy],
  ];
  const judging = (transcript: string, prover: string): string[] => [
    ...['judge', transcript, '--prover', prover],
    ...judgeOptions(),
  ];
  const proving = (claim: string, listen = '127.0.0.1:0'): string[] => [
    ...['prove', '--claim', claim, '--key', shop.ownerKey, '--listen', listen],
  ];
  const address = /listening on (wss?:\/\/(\S+)),/;

  /** Both sides keep the same transcript, no journal is left, and one batch is spent. */
  const expectWhole = async (claim: string, transcript: string): Promise<void> => {
    const [kept] = readdirSync(join(claim, 'transcripts'));
    const own = readFileSync(join(claim, 'transcripts', kept ?? ''));
    expect(own.equals(readFileSync(transcript))).to.equal(true);
    expect(existsSync(`${transcript}.journal`)).to.equal(false);
    expect(listing(join(claim, 'sessions'))).to.deep.equal([]);
    const { stdout } = await succeeds(['inspect', join(claim, 'ledger.veilmark')]);
    expect([...stdout.matchAll(/^batch (\d)/gm)]).to.have.length(1);
    await succeeds(['verify', transcript, '--policy', policy]);
  };

  it('when the judge is killed: the same command goes on, with the same options only', async () => {
    const claim = copyClaim(shop);
    const transcript = join(newFolder(), 't');
    const prover = await start([...proving(claim), '--once']);
    const [, url = ''] = await prover.says(address);
    const judge = await start(judging(transcript, url));
    await prover.says(/opening batch/);
    judge.child.kill('SIGKILL');
    await judge.ended;
    expect(statSync(`${transcript}.journal`).mode & 0o777).to.equal(0o600);
    await prover.says(/waits for the judge to come back/);
    const other = writePolicy(newFolder(), { alphaBits: 41 });
    await fails({ code: 'session.options', exit: 2, says: /policy\.alphaBits/ }, [
      ...judging(transcript, url).map((word) => (word === policy ? other : word)),
    ]);
    const again = await succeeds(judging(transcript, url));
    expect(again.stderr).to.match(/going on with the session of .*t\.journal/);
    expect(again.stdout).to.match(/^proved/);
    expect((await prover.ended).code).to.equal(0);
    await expectWhole(claim, transcript);
  });

  it('when the prover is killed: the judge connects again, and hears the same', async () => {
    const claim = copyClaim(shop);
    const transcript = join(newFolder(), 't');
    const first = await start(proving(claim));
    const [, url = '', place = ''] = await first.says(address);
    const judge = await start(judging(transcript, url));
    await judge.says(/coins picked batch/);
    first.child.kill('SIGKILL');
    await first.ended;
    // However long the prover was away, a judge who still tries may come back.
    age(join(claim, 'sessions'));
    const second = await start([...proving(claim, place), '--once']);
    await second.says(address);
    expect(await judge.ended).to.include({ code: 0 });
    await second.ended;
    await expectWhole(claim, transcript);
  });

  it('refuses a journal that was damaged, and says so', async () => {
    const transcript = join(newFolder(), 't');
    const journal = `${transcript}.journal`;
    const begin = await stopped(transcript);
    expect(begin.code).to.equal(4);
    const bytes = readFileSync(journal);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    writeFileSync(journal, bytes);
    const words = judging(transcript, 'ws://127.0.0.1:9');
    await fails({ code: 'journal.damaged', exit: 2 }, words);
    truncateSync(journal, 30);
    await fails({ code: 'journal.damaged', exit: 2 }, words);
  });

  /** A judge whose session begins and whose prover is then gone. */
  async function stopped(transcript: string): Promise<Ended> {
    const messages = join(newFolder(), 'messages');
    const begun = await veilmark([
      ...['judge', transcript, '--messages', messages],
      ...judgeOptions(),
    ]);
    expect(begun.code, begun.stderr).to.equal(6);
    return veilmark(judging(transcript, 'ws://127.0.0.1:9'));
  }
});

describe('a ledger that was restored from an older copy', function () {
  this.timeout(180_000);

  it('is refused, and brought up to date by what was counted elsewhere', async () => {
    const shop = await workshop();
    const claim = copyClaim(shop);
    const ledger = join(claim, 'ledger.veilmark');
    const before = readFileSync(ledger);
    const first = await session(shop, ['--suspect', shop.model], { claim });
    expect(first.judge.code, first.judge.stderr).to.equal(0);
    expect(first.owner.stderr).to.match(/what is answered is counted in \S.*\.counter/);
    writeFileSync(ledger, before);
    const words = ['prove', '--claim', claim, '--key', shop.ownerKey, '--listen', '127.0.0.1:0'];
    await fails({ code: 'ledger.restored', exit: 2, says: /--rebuild-ledger/ }, words);
    const rebuilt = await start([...words, '--rebuild-ledger']);
    await rebuilt.says(/took 1 spent batches .*\n(.*\n)*listening .* 1 batches left/);
    await rebuilt.interrupt();
    const { stdout } = await succeeds(['inspect', ledger]);
    expect(stdout).to.match(/^opened +1$/m);
    // On a machine where nothing was counted one is told so; a counter that is named must be there.
    const elsewhere = { env: stateOf('another machine') };
    const moved = await start(words, elsewhere);
    await moved.says(/begins with the ledger as it is \(1 batches spent\)/);
    await moved.interrupt();
    const named = [...words, '--counter', join(newFolder(), 'claim.counter')];
    await fails({ code: 'counter.missing', exit: 2 }, named);
    const begun = await start([...named, '--new-counter']);
    await begun.says(/listening/);
    await begun.interrupt();
    await fails({ code: 'usage.counter', exit: 2 }, [...words, '--counter', join(claim, 'c')]);
  });
});

describe('sessions by files', function () {
  this.timeout(180_000);
  let shop: Workshop;
  let policy: string;

  before(async () => {
    shop = await workshop();
    policy = writePolicy(newFolder());
  });

  const options = (): string[] => [
    ...judgeWords(shop, 't', 'ws://x').slice(4),
    ...['--suspect', shop.model, '--policy', policy],
  ];

  /** What both sides have, each in a folder of its own. */
  const sides = () => {
    const folder = newFolder();
    const [judge, owner] = [join(folder, 'judge'), join(folder, 'owner')];
    return { judge, owner, claim: copyClaim(shop) };
  };
  const next = (folder: string, claim = ''): Promise<Ended> =>
    veilmark(['session', 'next', folder], { env: stateOf(claim) });
  /** Carries all messages of one side to the other. */
  const carry = (from: string, to: string): void => {
    for (const name of readdirSync(join(from, 'messages'))) {
      writeFileSync(join(to, 'messages', name), readFileSync(join(from, 'messages', name)));
    }
  };

  it('go from folder to folder until both have the transcript', async () => {
    const { judge, owner, claim } = sides();
    const begun = await veilmark(['session', 'judge', judge, ...options()]);
    expect(begun.code, begun.stderr).to.equal(6);
    expect(begun.stdout).to.equal('');
    expect(begun.stderr).to.match(/0000-judge-hello\.message: give it to the owner/);
    expect(begun.stderr).to.match(/waiting for the owner: put 0001-owner-hello\.message into/);
    expect(listing(judge)).to.deep.equal([
      ...['messages', 'messages/0000-judge-hello.message'],
      ...['session.json', 'session.transcript.journal'],
    ]);
    const words = ['session', 'owner', owner, '--claim', claim, '--key', shop.ownerKey];
    const waiting = await veilmark(words);
    expect(waiting.code, waiting.stderr).to.equal(6);
    expect(waiting.stderr).to.match(/waiting for the judge: put 0000-judge-hello\.message into/);
    carry(judge, owner);
    expect((await next(owner, claim)).stderr).to.match(/put 0002-judge-challenge\.message into/);
    // Half a copy is no message, and ends nothing.
    const copy = join(judge, 'messages', '0001-owner-hello.message');
    writeFileSync(
      copy,
      readFileSync(join(owner, 'messages', '0001-owner-hello.message')).subarray(0, 99),
    );
    const half = await next(judge);
    expect(half.stdout).to.equal('inconclusive, cause session.copy\n');
    carry(owner, judge);
    expect((await next(judge)).stderr).to.match(/put 0003-owner-openings\.message into/);
    expect((await next(judge)).code, 'nothing new').to.equal(6);
    carry(judge, owner);
    await next(owner, claim);
    carry(owner, judge);
    expect((await next(judge)).stderr).to.match(/put 0005-owner-acknowledgement\.message into/);
    carry(judge, owner);
    const done = await next(owner, claim);
    expect(done.code, done.stderr).to.equal(0);
    expect(done.stderr).to.match(/session: proved/);
    carry(owner, judge);
    const ended = await next(judge);
    expect(ended.stdout).to.match(/^proved/);
    expect(ended.code).to.equal(0);
    expect((await next(judge)).stderr).to.match(/the session is over/);
    const transcript = join(judge, 'session.transcript');
    await succeeds(['verify', transcript, '--policy', policy]);
    expect(listing(judge).filter((name) => name.includes('journal'))).to.deep.equal([]);
    expect(listing(join(claim, 'sessions'))).to.deep.equal([]);
  });

  it('go on over a connection, and back', async () => {
    const { judge, owner, claim } = sides();
    const transcript = join(judge, 'session.transcript');
    await veilmark(['session', 'judge', judge, ...options()]);
    await veilmark(['session', 'owner', owner, '--claim', claim, '--key', shop.ownerKey]);
    carry(judge, owner);
    expect((await next(owner, claim)).code).to.equal(6);
    // The owner has said hello in a file that the judge never sees; over a connection it is the same.
    const prover = await start([
      ...['prove', '--claim', claim, '--key', shop.ownerKey, '--listen', '127.0.0.1:0'],
    ]);
    const [, url = ''] = await prover.says(/listening on (wss?:\S+),/);
    const connected = await start(['judge', transcript, '--prover', url, ...options()]);
    await prover.says(/opening batch/);
    connected.child.kill('SIGKILL');
    prover.child.kill('SIGKILL');
    await Promise.all([connected.ended, prover.ended]);
    for (let round = 0; round < 3 && !existsSync(transcript); round++) {
      await next(judge);
      carry(judge, owner);
      await next(owner, claim);
      carry(owner, judge);
    }
    await next(judge);
    await succeeds(['verify', transcript, '--policy', policy]);
    const first = readFileSync(join(owner, 'messages', '0001-owner-hello.message'), 'latin1');
    expect(readFileSync(transcript, 'latin1')).to.contain(first);
  });

  it('end when the other side lets its time pass, with a signed abort', async () => {
    const { judge, owner, claim } = sides();
    await veilmark(['session', 'judge', judge, ...options()]);
    await veilmark(['session', 'owner', owner, '--claim', claim, '--key', shop.ownerKey]);
    carry(judge, owner);
    await next(owner, claim);
    carry(owner, judge);
    // A prover that serves others lets a session by files take its time.
    age(join(claim, 'sessions'));
    const words = ['prove', '--claim', claim, '--key', shop.ownerKey, '--listen', '127.0.0.1:0'];
    const prover = await start([...words, '--close-waiting'], { env: stateOf(claim) });
    await prover.says(/1 sessions by files are left as they are/);
    await prover.interrupt();
    await next(judge);
    const aborted = await veilmark(['session', 'abort', judge]);
    expect(aborted.stdout).to.equal('not-proved, cause peer.silent\n');
    expect(aborted.code).to.equal(1);
    carry(judge, owner);
    const told = await next(owner, claim);
    expect(told.stderr).to.match(/session: not-proved, cause peer\.silent/);
    await fails({ code: 'session.settings', exit: 2 }, ['session', 'next', newFolder()]);
  });
});
