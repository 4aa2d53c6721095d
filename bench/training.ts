/**
 * Training throughput with batches of 128, preprocessing included: two networks on 28×28×1 with Adam, and a residual one on
 * 32×32×3 with SGD, momentum and weight decay. Every backend of this machine, the data parallel engine, and PyTorch where
 * Python has it; each row runs in its own process, one after another. `npm run bench training NETWORK` takes one network.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const networks =
  process.argv[3] === undefined ? ['cnn', 'cnn-small', 'resnet20'] : [process.argv[3]];
const cores = availableParallelism();

const rows: readonly { name: string; command: (network: string) => string[] }[] = [
  { name: 'plain cpu', command: row('cpu') },
  { name: 'wasm, naive filter gradient', command: row('naive') },
  { name: 'wasm, one process', command: row('wasm') },
  { name: `wasm, ${cores} workers`, command: row('workers', cores) },
  { name: 'PyTorch, 1 thread', command: torch(1) },
  { name: `PyTorch, ${cores} threads`, command: torch(cores) },
];

/** Prints a table in Markdown: median images a second, and how many times the naive row that is. */
export function run(): Promise<void> {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  print(`${cores} cores (${model}), Node ${process.version}, load ${loadavg()[0]?.toFixed(2)}\n`);
  print('| network | engine | images/s | × naive |');
  print('| --- | --- | ---: | ---: |');
  for (const network of networks) {
    let naive = NaN;
    for (const { name, command } of rows) {
      // It needs minutes for one batch of a residual network.
      if (network === 'resnet20' && name === 'plain cpu') continue;
      const speed = measure(command(network));
      if (name.includes('naive')) naive = speed ?? NaN;
      const ratio = speed === undefined || Number.isNaN(naive) ? '' : (speed / naive).toFixed(2);
      print(
        `| ${network} | ${name} | ${speed?.toFixed(speed < 100 ? 1 : 0) ?? 'not here'} | ${ratio} |`,
      );
    }
  }
  return Promise.resolve();
}

function row(kind: string, ...more: number[]): (network: string) => string[] {
  const script = fileURLToPath(new URL('./training-row.ts', import.meta.url));
  return (network) => [
    process.execPath,
    '--import',
    'tsx',
    script,
    network,
    kind,
    ...more.map(String),
  ];
}

function torch(threads: number): (network: string) => string[] {
  const script = fileURLToPath(new URL('./training-torch.py', import.meta.url));
  return (network) => ['/usr/bin/python3', script, network, String(threads)];
}

/** Images a second that the command prints, or nothing where it cannot run. */
function measure([program = '', ...parameters]: string[]): number | undefined {
  const { status, stdout } = spawnSync(program, parameters, { encoding: 'utf8' });
  return status === 0 ? Number(stdout.trim()) : undefined;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
