import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { openJudgeJournal } from '../../src/cli/judge-session.js';
import { mustHoldNoQueries, queriesBeside } from '../../src/cli/query-log.js';
import { coded } from '../coded.js';
import { sharedClaim } from '../support/claim.js';

describe('what a judge keeps beside its transcript', () => {
  const { commitment } = sharedClaim();
  let folder: string;
  let transcript: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-judge-'));
    transcript = join(folder, 't');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('begins no second session when another process ended the first one meanwhile', async () => {
    const first = await openJudgeJournal(transcript, commitment);
    const second = coded('file.exists', () => openJudgeJournal(transcript, commitment));
    await writeFile(transcript, 'the first one’s');
    await first.remove();
    await second;
    expect(await readdir(folder), 'a lock is left').to.deep.equal(['t']);
  });

  it('goes on after a kill before anything was said, and never over a log that holds something', async () => {
    await mustHoldNoQueries(transcript);
    // As a process that is killed leaves it.
    await writeFile(queriesBeside(transcript), '');
    await mustHoldNoQueries(transcript);
    await writeFile(queriesBeside(transcript), 'x');
    await coded('file.exists', () => mustHoldNoQueries(transcript));
    await rm(queriesBeside(transcript));
  });
});
