import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { expect } from 'chai';

import type { Image } from '../../../src/base/index.js';
import { readPicture } from '../../../src/files/index.js';
import type { Suspect } from '../../../src/protocol/index.js';
import {
  type AttemptRecord,
  type CommandOptions,
  commandSuspect,
} from '../../../src/suspect/index.js';
import { runProgram } from '../../../src/suspect/command/run.js';
import { commandWords, shellWords } from '../../../src/suspect/command/words.js';
import { coded } from '../../coded.js';

const shape = { height: 2, width: 3, channels: 1 };
const classNames = ['cat', 'dog', 'bird', 'fish'];
const node = `"${process.execPath}"`;

function images(...labels: number[]): Image[] {
  return labels.map((label) => ({ shape, pixels: Uint8Array.of(label, 11, 12, 13, 14, 15) }));
}

describe('a suspect that is a command', function () {
  this.timeout(20_000);
  let folder: string;
  let kept: string;
  const at = (name: string): string => join(folder, name);
  /** A program that behaves on its first run, and does as `body` says after it; `files` are its pictures. */
  const open = async (body: string, change: Partial<CommandOptions> = {}): Promise<Suspect> => {
    const script = at('suspect.cjs');
    await rm(at('ran'), { force: true });
    await writeFile(
      script,
      `const fs = require('node:fs'); const path = require('node:path');
       const dir = process.argv.at(-1); const files = fs.readdirSync(dir).sort();
       if (!fs.existsSync(${JSON.stringify(at('ran'))})) {
         fs.writeFileSync(${JSON.stringify(at('ran'))}, '');
         console.log(0);
       } else { ${body} }`,
    );
    return commandSuspect(`${node} "${script}" --fast`, {
      shape,
      classNames,
      environment: process.env,
      limits: { timeoutMs: 5000, responseLimit: 2000 },
      ...change,
    });
  };
  const answers = async (suspect: Suspect, count = 2, signal?: AbortSignal): Promise<unknown[]> =>
    (await suspect.classify(images(...Array<number>(count).fill(1)), signal)).map((answer) =>
      'label' in answer ? answer.label : answer.refused,
    );

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'veilmark command-'));
    kept = at('kept');
  });
  after(() => rm(folder, { recursive: true }));

  it('gets a folder of numbered pictures, answers a line each, and leaves nothing behind', async () => {
    const records: AttemptRecord[] = [];
    const suspect = await open(
      `fs.cpSync(dir, ${JSON.stringify(at('kept'))}, { recursive: true });
       fs.writeFileSync(${JSON.stringify(at('dir'))}, dir);
       console.log('dog'); console.log('3'); console.log('[0.1, 0, 0.9, 0]');`,
      {
        record: (attempt) => {
          records.push(attempt);
          return Promise.resolve();
        },
      },
    );
    expect(await answers(suspect, 3)).to.deep.equal([1, 3, 2]);
    expect(await readdir(kept)).to.deep.equal(['00000.png', '00001.png', '00002.png']);
    const picture = await readPicture(join(kept, '00001.png'), { shape, fit: 'exact' });
    expect([...picture.pixels]).to.deep.equal([1, 11, 12, 13, 14, 15]);
    expect(existsSync(readFileSync(at('dir'), 'utf8'))).to.equal(false);

    const { digest, identity, ...stated } = suspect.descriptor;
    expect(digest).to.match(/^[0-9a-f]{64}$/);
    const program = createHash('sha256').update(readFileSync(process.execPath)).digest('hex');
    const line = `${node} "${at('suspect.cjs')}" --fast`;
    expect(identity).to.equal(`${line} (program SHA-256 ${program})`);
    expect(stated).to.deep.equal({
      kind: 'command',
      shape: '2x3x1',
      classes: 4,
      preprocessing: 'PNG',
    });
    const script = createHash('sha256')
      .update(readFileSync(at('suspect.cjs')))
      .digest('hex');
    expect(suspect.settings).to.deep.include({ arguments: [{ argument: 0, sha256: script }] });
    expect(
      records.map(({ kind, method, url, status, failed }) => [kind, method, url, status, failed]),
    ).to.deep.equal(Array(2).fill(['process', 'RUN', line, 0, '']));
    expect(Buffer.from(records[1]!.response.bytes).toString()).to.equal(
      'dog\n3\n[0.1, 0, 0.9, 0]\n',
    );
  });

  const misbehaving: Record<string, [string, string[]]> = {
    'prints too few lines': ['console.log(1)', ['suspect.count', 'suspect.count']],
    'prints nothing': ['', ['suspect.count', 'suspect.count']],
    'prints classes out of range and words that are none': [
      "console.log('4\\nCat')",
      ['suspect.answer', 'suspect.answer'],
    ],
    'prints scores of another number, and what is no list': [
      "console.log('[1,2]\\n[[1,2,3,4]]')",
      ['suspect.answer', 'suspect.answer'],
    ],
    'prints bytes that are no text': [
      'process.stdout.write(Buffer.of(0xff, 0x0a, 0x31, 0x0a))',
      ['suspect.garbage', 'suspect.garbage'],
    ],
    'ends with an error': [
      "console.log('1\\n1'); process.exitCode = 3",
      ['suspect.failed', 'suspect.failed'],
    ],
    'prints without end': [
      "setInterval(() => process.stdout.write('1\\n'.repeat(500)), 1)",
      ['suspect.too-large', 'suspect.too-large'],
    ],
  };
  for (const [name, [body, expected]] of Object.entries(misbehaving)) {
    it(`that ${name} refuses`, async () => {
      expect(await answers(await open(body))).to.deep.equal(expected);
    });
  }

  it('says whether its program and the files of its line are as before', async () => {
    const suspect = await open('');
    const first = await suspect.identify?.();
    expect(first).to.match(/^[0-9a-f]{64}$/);
    expect(await suspect.identify?.()).to.equal(first);
    await writeFile(at('suspect.cjs'), 'console.log(1)');
    expect(await suspect.identify?.())
      .to.match(/^[0-9a-f]{64}$/)
      .and.not.equal(first);
    rmSync(at('suspect.cjs'));
    expect(await suspect.identify?.()).to.not.equal(first);
  });

  it('that cannot be started any more refuses', async () => {
    const program = at('program');
    writeFileSync(program, '#!/bin/sh\nfor file in "$1"/*; do echo 1; done\n', { mode: 0o755 });
    const suspect = await commandSuspect(`"${program}"`, {
      shape,
      classNames,
      environment: process.env,
    });
    expect(await answers(suspect)).to.deep.equal([1, 1]);
    rmSync(program);
    expect(await answers(suspect)).to.deep.equal(Array(2).fill('suspect.failed'));
    const { failure } = await runProgram([join(at('suspect.cjs'), 'x')], {
      environment: {},
      limits: { timeoutMs: 1000, responseLimit: 10 },
    });
    expect(failure?.failed).to.equal('suspect.failed');
  });

  it('is killed at its deadline, with the programs that it started', async () => {
    const beats = at('beats');
    const child = `setInterval(() => require('node:fs').appendFileSync(${JSON.stringify(beats)}, '.'), 10)`;
    const suspect = await open(
      `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' });
       setInterval(() => {}, 1000);`,
      { limits: { timeoutMs: 120, responseLimit: 2000 } },
    );
    expect(await answers(suspect)).to.deep.equal(Array(2).fill('suspect.timeout'));
    const length = (): number => (existsSync(beats) ? readFileSync(beats).length : 0);
    const then = length();
    expect(then).to.be.greaterThan(0);
    await pause(100);
    expect(length()).to.equal(then);
  });

  it('is stopped by the judge, and does not learn its passphrase', async () => {
    const controller = new AbortController();
    const suspect = await open('setInterval(() => {}, 1000)');
    setTimeout(() => {
      controller.abort();
    }, 100);
    expect(await answers(suspect, 1, controller.signal)).to.deep.equal(['suspect.stopped']);
    const curious = await open('console.log(process.env.VEILMARK_PASSPHRASE ?? 2)', {
      environment: { ...process.env, VEILMARK_PASSPHRASE: '1' },
    });
    expect(await answers(curious, 1)).to.deep.equal([2]);
  });

  it('is not run again for what was recorded before', async () => {
    const body = Buffer.from('2\n');
    const asked: string[] = [];
    const suspect = await open('process.exitCode = 1', {
      recall: ({ method, request: { digest } }) => {
        asked.push(`${method} ${digest}`);
        if (asked.length === 1) return undefined;
        return { status: 0, headers: {}, body, certificate: '' };
      },
    });
    expect(await answers(suspect, 1)).to.deep.equal([2]);
    expect(asked[1])
      .to.match(/^RUN [0-9a-f]{64}$/)
      .and.not.equal(asked[0]);
  });

  it('is run by a shell only where that is asked for', async () => {
    const options = { shape, classNames, environment: process.env };
    const shell = await commandSuspect('for f in "$1"/*.png; do echo fish; done | cat', {
      ...options,
      shell: true,
    });
    expect(await answers(shell)).to.deep.equal([3, 3]);
    await coded('suspect.command', () => commandSuspect('echo 1', { ...options, shell: true }));
    const plain = commandSuspect('echo 1;', options);
    // The folder's name is printed too, so that no line is a class.
    await coded('suspect.answer', () => plain);
  });

  it('that cannot be run is refused before the session', async () => {
    const options = { shape, classNames, environment: process.env };
    await coded('suspect.command', () => commandSuspect('no-such-program-anywhere', options));
    await coded('suspect.command', () => commandSuspect(`"${folder}"`, options));
    await coded('suspect.command', () => commandSuspect('cat', { ...options, environment: {} }));
    await coded('suspect.failed', () => commandSuspect('false', options));
    await coded('suspect.count', () => commandSuspect('true', options));
  });
});

describe('the words of a command line', () => {
  const lines: Record<string, string[]> = {
    'a b  c ': ['a', 'b', 'c'],
    '"a b" \'c "d\' e\\ f': ['a b', 'c "d', 'e f'],
    'a"b c"d \'\' ""': ['ab cd', '', ''],
    '"a\\"b\\\\c\\d" $HOME *': ['a"b\\c\\d', '$HOME', '*'],
  };
  for (const [line, words] of Object.entries(lines)) {
    it(`of ${line}`, () => {
      expect(commandWords(line)).to.deep.equal(words);
    });
  }

  it('are refused where there are none, too many, or an open quotation', async () => {
    for (const line of ['', ' ', '"a', "a 'b", 'a\\', 'x'.repeat(251), 'a\nb', 'a\u202eb']) {
      await coded('suspect.command', () => commandWords(line));
    }
    await coded('suspect.command', () => shellWords('a\n$1'));
  });
});
