#!/usr/bin/env node
import { readFileSync } from 'node:fs';

import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';

import { packagePath } from '../files/index.js';
import { addCommit } from './commit.js';
import { addDemo } from './demo.js';
import { addEmbed } from './embed.js';
import { addEvaluate } from './evaluate.js';
import { addInspect } from './inspect.js';
import { addJudge } from './judge.js';
import { addKeygen } from './keygen.js';
import { addPolicy } from './policy.js';
import { addProve } from './prove.js';
import { addServeModel } from './serve-model.js';
import { exitCodes, note, reportError } from './terminal.js';
import { addTriggers } from './triggers.js';
import { addVerify } from './verify.js';

const commands = [
  addDemo,
  addKeygen,
  addTriggers,
  addCommit,
  addEmbed,
  addEvaluate,
  addProve,
  addJudge,
  addVerify,
  addInspect,
  addPolicy,
  addServeModel,
];

/** Runs the command line; the process ends with one of `exitCodes`. */
async function main(): Promise<void> {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as {
    version: string;
  };
  const program = yargs(hideBin(process.argv))
    .scriptName('veilmark')
    .usage('$0 <command>: zero-knowledge ownership proofs for neural networks')
    .version(version)
    .strict()
    .recommendCommands()
    .demandCommand(1, 'name a command')
    .wrap(Math.min(100, process.stderr.columns || 100))
    .epilogue(
      'An owner: keygen, commit, embed, prove. A judge: keygen, judge. An auditor: verify.\n' +
        'Exit codes: 0 proved or done, 1 not-proved, 2 usage, 3 invalid, 4 inconclusive, 5 environment.',
    )
    .exitProcess(false)
    .fail((message, error, instance) => {
      if ((error as Error | undefined) !== undefined) throw error;
      throw new UsageError(message, instance);
    });
  for (const add of commands) add(program);
  await program.parseAsync();
}

/** The command line itself was wrong. */
class UsageError extends Error {
  readonly program: { showHelp(level: string): unknown };

  constructor(message: string, program: { showHelp(level: string): unknown }) {
    super(message);
    this.program = program;
  }
}

try {
  await main();
} catch (error) {
  if (error instanceof UsageError) {
    error.program.showHelp('error');
    note(`\nerror: ${error.message}`);
    process.exitCode = exitCodes.usage;
  } else {
    process.exitCode = reportError(error);
  }
}
