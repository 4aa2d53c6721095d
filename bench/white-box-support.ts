import { readFileSync } from 'node:fs';

/** Seconds that some work takes, and what it gives. */
export async function timed<T>(work: () => T | Promise<T>): Promise<[seconds: number, result: T]> {
  const started = performance.now();
  const result = await work();
  return [(performance.now() - started) / 1000, result];
}

/** The pool's processes; tsx's own compiler is a child of this process too. */
function workers(): string[] {
  return readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker.'));
}

/** The largest resident memory of any process of a pool, MB. */
export function workerMemory(): number {
  const peaks = workers().map(
    (pid) => /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0',
  );
  return Math.round(Math.max(0, ...peaks.map(Number)) / 1024);
}

/** Seconds that this process and a pool's have computed: on a busy machine they say more than those that passed. */
export function coreSeconds(): number {
  const { user, system } = process.cpuUsage();
  const ticks = workers().map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  });
  return (user + system) / 1e6 + ticks.reduce((sum, each) => sum + each, 0) / 100;
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A row of a table in Markdown. */
export function printRow(cells: readonly (string | number)[]): void {
  print(`| ${cells.join(' | ')} |`);
}

/** A whole number with its thousands marked. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en');
}
