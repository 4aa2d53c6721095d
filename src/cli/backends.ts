import { availableParallelism } from 'node:os';

import type { Argv } from 'yargs';

import { formatShape } from '../base/index.js';
import {
  automaticChoice,
  type BackendReport,
  benchmarkBatch,
  benchmarkPlan,
  type BenchmarkResult,
  benchmarkSpec,
  runBenchmark,
  surveyBackends,
} from '../training/survey/index.js';
import { wholeNumber } from './arguments.js';
import { Progress } from './progress.js';
import { note, print, table } from './terminal.js';

export function addBackends(program: Argv): Argv {
  return program.command(
    'backends',
    'Say what can compute here, what is missing and how to get it, and how fast it is',
    (yargs) =>
      yargs
        .options({
          bench: {
            type: 'boolean',
            default: true,
            describe: 'Measure training on every backend that is ready; --no-bench leaves it out',
          },
          seconds: {
            type: 'number',
            requiresArg: true,
            default: 30,
            describe: 'Most seconds for all measurements together',
          },
          json: { type: 'boolean', default: false, describe: 'For programs' },
        })
        .epilogue('Examples:\n  $0 backends\n  $0 backends --no-bench --json'),
    async ({ bench, seconds, json }) => {
      wholeNumber('seconds', seconds, { least: 5, most: 3600 });
      note('trying every backend in a process of its own');
      const reports = await surveyBackends();
      const results = bench ? await benchmark(reports, seconds) : undefined;
      if (json) print(JSON.stringify(asJson(reports, results), null, 2));
      else printReport(reports, results);
    },
  );
}

async function benchmark(
  reports: readonly BackendReport[],
  seconds: number,
): Promise<BenchmarkResult[]> {
  const plan = benchmarkPlan(reports, { cores: availableParallelism(), seconds });
  const progress = new Progress('benchmark');
  const results: BenchmarkResult[] = [];
  for (const row of plan) {
    const started = performance.now();
    const show = (detail: string): void => {
      const rowsLeft = plan.length - results.length;
      const left = rowsLeft * row.seconds - (performance.now() - started) / 1000;
      progress.update(results.length, plan.length, detail, left);
    };
    const name = `${row.backend}, ${workersOf(row)}`;
    show(name);
    const onStep = (speed: number): void => {
      show(`${name}  ${Math.round(speed)} images/s`);
    };
    results.push(await runBenchmark(row, { onStep }));
  }
  progress.update(plan.length, plan.length);
  progress.end();
  return results;
}

const workersOf = ({ workers }: { workers: number }): string =>
  workers === 1 ? '1 process' : `${workers} workers`;

function printReport(
  reports: readonly BackendReport[],
  results: readonly BenchmarkResult[] | undefined,
): void {
  const rows = reports.map(({ name, status, description }) => [name, status, description || '–']);
  print(table([['backend', 'status', 'what is there'], ...rows]));
  for (const { name, problem, remedy } of reports) {
    if (problem !== undefined) print(`\n${name}: ${problem}\n  to get it: ${remedy ?? '–'}`);
  }
  print(`\n--backend auto takes ${automaticChoice(reports)}`);
  if (results === undefined) return;
  const { architecture, shape } = benchmarkSpec;
  print(`\ntraining ${architecture} on ${formatShape(shape)}, batch ${benchmarkBatch}, adam`);
  const speeds = results.map(({ backend, imagesPerSecond, problem, ...row }) => [
    backend,
    workersOf(row),
    imagesPerSecond === undefined ? `not measured: ${problem ?? ''}` : imagesPerSecond.toFixed(0),
  ]);
  print(table([['backend', '', 'images/s'], ...speeds]));
}

function asJson(
  reports: readonly BackendReport[],
  results: readonly BenchmarkResult[] | undefined,
): object {
  const { architecture, shape } = benchmarkSpec;
  return {
    automatic: automaticChoice(reports),
    backends: reports,
    ...(results && {
      benchmark: { architecture, shape: formatShape(shape), batch: benchmarkBatch, results },
    }),
  };
}
