import { fork } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Report } from './child.js';
import { addToCorpus, inputName } from './corpus.js';

/** Seconds without a sign of life after which a child is taken to hang. */
const patienceSeconds = 20;
/** Most megabytes of JavaScript objects; what lies outside of them is watched by the child itself. */
const heapMegabytes = 384;

/** What came of fuzzing one target for a while. */
export interface Campaign {
  readonly runs: number;
  readonly added: number;
  /** Files that hold the inputs that went wrong. */
  readonly defects: readonly string[];
}

/** Fuzzes one target in a child process for some seconds. `say` hears of every defect. */
export async function campaign({
  target,
  seconds,
  seed,
  say,
}: {
  target: string;
  seconds: number;
  seed: string;
  say: (line: string) => void;
}): Promise<Campaign> {
  const folder = resolve(import.meta.dirname, '..', '..', 'build', 'fuzz');
  mkdirSync(folder, { recursive: true });
  const current = join(folder, `${target}.current`);
  const defects = new Map<string, string>();
  const kept = (input: Uint8Array, defect: string): void => {
    const where = defect.split('\n').find((line) => line.includes('/src/')) ?? '';
    const kind = defect.split('\n')[0]?.replace(/[\d.]+/g, '0') ?? '';
    if (defects.has(kind + where)) return;
    const path = join(folder, `${target}-${inputName(input)}`);
    writeFileSync(path, input);
    defects.set(kind + where, path);
    say(
      `${target}: ${defect.split('\n').slice(0, 6).join('\n')}\nrepeat it: npm run fuzz -- ${target} --input ${path}`,
    );
  };
  const progress = { runs: 0, added: 0, isDone: false, isHung: false };
  const child = fork(
    join(import.meta.dirname, 'child.ts'),
    [target, seed, String(seconds), current],
    {
      execArgv: ['--import', 'tsx/esm', `--max-old-space-size=${heapMegabytes}`],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  );
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4000)));
  let watchdog: NodeJS.Timeout | undefined;
  const alive = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => {
      progress.isHung = true;
      child.kill('SIGKILL');
    }, 1000 * patienceSeconds);
  };
  alive();
  child.on('message', (report: Report) => {
    alive();
    if (report.kind === 'progress') {
      progress.runs = report.runs;
      progress.isDone = report.done;
      return;
    }
    const input = new Uint8Array(Buffer.from(report.input, 'base64'));
    if (report.kind === 'defect') kept(input, report.defect);
    else if (addToCorpus(target, input)) progress.added++;
  });
  await new Promise((ended) => child.once('exit', ended));
  clearTimeout(watchdog);
  if (!progress.isDone) {
    kept(
      lastInput(current),
      progress.isHung ? `nothing for ${patienceSeconds} s` : `the process ended: ${stderr}`,
    );
  }
  return { runs: progress.runs, added: progress.added, defects: [...defects.values()] };
}

function lastInput(current: string): Uint8Array {
  const bytes = readFileSync(current);
  return new Uint8Array(bytes.subarray(4, 4 + (bytes.length >= 4 ? bytes.readUInt32LE(0) : 0)));
}
