import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'chai';

const root = resolve(import.meta.dirname, '..', '..');
const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder that is removed when the tests end; its name has a space and a letter beyond ASCII. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'veilmark tést-'));
  folders.push(folder);
  return folder;
}

let installed: Promise<string> | undefined;

/** Compiles what is in `src` now, so that no test ever runs an old build; gives the path of the command. */
function install(): Promise<string> {
  installed ??= (async () => {
    const folder = newFolder();
    const flags = ['--noCheck', '--declaration', 'false', '--sourceMap', 'false'];
    const project = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')];
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    await promisify(execFile)(process.execPath, [compiler, ...project, ...flags]);
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    for (const name of ['node_modules', 'data', 'assembly', 'circuits', 'keys']) {
      symlinkSync(join(root, name), join(folder, name));
    }
    return join(folder, 'dist', 'cli', 'main.js');
  })();
  return installed;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Setting {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs the command below a shell's limits, e.g. `ulimit -f 8`. */
  readonly limits?: string;
}

const states = new Map<string, string>();

/**
 * The user's state folder of a claim: a copy of a claim is as one that was never used, and what it counts is not to be confused with
 * what another copy does.
 */
export function stateOf(claim = ''): Readonly<Record<string, string>> {
  const state = states.get(claim) ?? newFolder();
  states.set(claim, state);
  return { XDG_STATE_HOME: state };
}

const running = new Set<ChildProcess>();

// A failed test may leave a server behind, and mocha would wait for it.
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** A command that runs. */
export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';

  constructor(child: ChildProcess) {
    this.child = child;
    running.add(child);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.ended = new Promise((done) => {
      child.once('close', (code) => {
        running.delete(child);
        done({ code, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** The first match in what was written to standard error; fails if the command ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#stderr);
      if (match) return match;
      if (this.child.exitCode !== null) expect.fail(`ended without ${pattern}: ${this.#stderr}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  interrupt(): Promise<Ended> {
    this.child.kill('SIGINT');
    return this.ended;
  }
}

/** Starts `veilmark` as a user does, without a terminal. */
export async function start(args: readonly string[], setting: Setting = {}): Promise<Running> {
  const command = await install();
  const claim = args.includes('--claim') ? args[args.indexOf('--claim') + 1] : undefined;
  const env = { ...process.env, ...stateOf(claim), ...setting.env };
  if (setting.env?.['VEILMARK_PASSPHRASE'] === undefined) delete env['VEILMARK_PASSPHRASE'];
  const options = { cwd: setting.cwd, env };
  const words = [process.execPath, command, ...args];
  const [file = '', ...rest] =
    setting.limits === undefined
      ? words
      : ['bash', '-c', `${setting.limits}; exec "$@"`, 'bash', ...words];
  return new Running(spawn(file, rest, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Runs `veilmark` to its end. */
export async function veilmark(args: readonly string[], setting: Setting = {}): Promise<Ended> {
  return (await start(args, setting)).ended;
}

/** Runs what must succeed. */
export async function succeeds(args: readonly string[], setting: Setting = {}): Promise<Ended> {
  const ended = await veilmark(args, setting);
  expect(ended.code, `veilmark ${args.join(' ')}\n${ended.stderr}`).to.equal(0);
  return ended;
}

/** Runs what must fail with one coded error and a hint, and nothing on standard output. */
export async function fails(
  expected: { code: string; exit: number; says?: RegExp },
  args: readonly string[],
  setting: Setting = {},
): Promise<Ended> {
  const ended = await veilmark(args, setting);
  const what = `veilmark ${args.join(' ')}\n${ended.stderr}`;
  expect(/^error: .*\[([a-z0-9.-]+)\]$/m.exec(ended.stderr)?.[1], what).to.equal(expected.code);
  expect(ended.code, what).to.equal(expected.exit);
  expect(ended.stderr, what).to.match(/^hint: ./m);
  if (expected.says) expect(ended.stderr).to.match(expected.says);
  expect(ended.stdout, what).to.equal('');
  return ended;
}
