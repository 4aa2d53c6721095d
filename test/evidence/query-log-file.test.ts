import { existsSync } from 'node:fs';
import {
  appendFile,
  type FileHandle,
  mkdtemp,
  open,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { openQueryLog } from '../../src/evidence/index.js';
import type { NewEntry, Plan } from '../../src/protocol/index.js';
import { coded } from '../coded.js';

const plan: Plan = {
  questions: [{ image: '00'.repeat(32), kind: 'trigger', label: -1 }],
  repeats: 0,
  seed: '00'.repeat(32),
  session: '00'.repeat(32),
  suspect: {
    kind: 'test',
    identity: 'a',
    shape: '1x1x1',
    classes: 10,
    preprocessing: '',
    digest: '5d'.repeat(32),
  },
};
const answers: NewEntry = { answers: [{ label: 2 }], at: '2026-01-02T03:04:05.678Z' };

describe('a query log on disk', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark-queries-'));
    path = join(folder, 'session.queries');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Writes a log of a plan and an answer. */
  async function write(): Promise<Uint8Array> {
    const log = await openQueryLog(path);
    await log.append({ plan });
    await log.append(answers);
    await log.close();
    return readFile(path);
  }

  it('holds what was appended, for its owner alone', async () => {
    await write();
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    const again = await openQueryLog(path);
    expect(again.state).to.deep.include({ plan, answers: [{ label: 2 }] });
    await again.append(answers);
    await again.close();
    const third = await openQueryLog(path);
    expect(third.state.answers).to.have.length(2);
    await third.close();
  });

  it('loses a last line that was cut at any byte, and nothing else', async () => {
    const whole = await write();
    const first = whole.indexOf(0x0a) + 1;
    for (let length = first; length < whole.length; length += 7) {
      await writeFile(path, whole.subarray(0, length));
      const log = await openQueryLog(path);
      expect(log.state.answers).to.deep.equal([]);
      await log.append(answers);
      await log.close();
      expect(await readFile(path)).to.deep.equal(whole);
    }
  });

  it('is not left behind empty', async () => {
    const log = await openQueryLog(path);
    await log.append({ identity: '', at: '2026-01-02T03:04:05.678Z' });
    await log.close();
    expect(existsSync(path)).to.equal(false);
  });

  it('is refused when a line was changed, left out, or is none', async () => {
    const whole = (await write()).toString();
    const [one = '', two = ''] = whole.trimEnd().split('\n');
    await writeFile(path, `${one.replace('"label":-1', '"label":-1 ')}\n${two}\n`);
    await coded('queries.format', () => openQueryLog(path));
    await writeFile(path, `${one.replace('"repeats":0', '"repeats":1')}\n${two}\n`);
    await coded('queries.chain', () => openQueryLog(path));
    await writeFile(path, `${two}\n`);
    await coded('queries.chain', () => openQueryLog(path));
    await writeFile(path, `${one}\n`);
    await appendFile(path, 'nonsense\n');
    await coded('queries.format', () => openQueryLog(path));
  });

  it('moves where its place fails in mid-session, and goes on there', async () => {
    const elsewhere = join(folder, 'elsewhere');
    const log = await openQueryLog(path, { elsewhere });
    await log.append({ plan });
    await failing(1, () => log.append(answers));
    expect(log.path).to.equal(elsewhere);
    expect(existsSync(path)).to.equal(false);
    await log.append(answers);
    await log.close();
    const again = await openQueryLog(elsewhere);
    expect(again.state).to.deep.equal(log.state);
    expect(again.state.answers).to.have.length(2);
    await again.close();
  });

  it('keeps what it has where no other place is left', async () => {
    const log = await openQueryLog(path);
    await log.append({ plan });
    await failing(1, () => coded('file.write', () => log.append(answers)));
    await log.append(answers);
    await log.close();
    const again = await openQueryLog(path);
    expect(again.state.answers).to.have.length(1);
    await again.close();
  });

  it('says where it cannot be written', async () => {
    await coded('file.write', () => openQueryLog(join(folder, 'none', 'session.queries')));
    await coded('file.write', () => openQueryLog(folder));
  });
});

/** Runs something on a disk that is full for as many flushes. */
async function failing(flushes: number, run: () => Promise<unknown>): Promise<void> {
  const handle = await open(tmpdir(), 'r');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  const datasync: () => Promise<void> = Reflect.get(prototype, 'datasync');
  await handle.close();
  let left = flushes;
  prototype.datasync = function (this: FileHandle) {
    return left-- > 0 ? Promise.reject(new Error('ENOSPC')) : datasync.call(this);
  };
  try {
    await run();
  } finally {
    prototype.datasync = datasync;
  }
}
