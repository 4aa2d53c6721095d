#!/usr/bin/env node
import { readFileSync } from 'node:fs';

import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';

import { packagePath } from '../files/index.js';
import { checkArguments, parserWords, usageError } from './arguments.js';
import { addAttack } from './attack.js';
import { addBackends } from './backends.js';
import { addCommit } from './commit.js';
import { addDemo } from './demo.js';
import { addEmbed } from './embed.js';
import { addEvaluate } from './evaluate.js';
import { addInspect } from './inspect.js';
import { addJudge } from './judge.js';
import { addKeygen } from './keygen.js';
import { addNetwork } from './network.js';
import { addPanel } from './panel.js';
import { addPolicy } from './policy.js';
import { addProve } from './prove.js';
import { addServeModel } from './serve-model.js';
import { addSession } from './session.js';
import { addSetup } from './setup.js';
import { exitCodes, note, reportError } from './terminal.js';
import { addSuspect } from './suspect.js';
import { addTrain } from './train.js';
import { addTriggers } from './triggers.js';
import { addVerify } from './verify.js';

const commands = [
  addDemo,
  addKeygen,
  addTriggers,
  addCommit,
  addTrain,
  addEmbed,
  addEvaluate,
  addProve,
  addJudge,
  addVerify,
  addInspect,
  addPanel,
  addPolicy,
  addServeModel,
  addSuspect,
  addSetup,
  addNetwork,
  addAttack,
  addBackends,
];

const epilogue = `An owner: keygen, commit, embed, prove. A judge: keygen, judge. An auditor: verify.
Without opening anything: network make, network approve, judge --mode white-box.
How much a mark withstands: attack report.
  veilmark demo                     everything at once, on real images, in a few minutes
  veilmark COMMAND --help           options and an example

Exit codes: 0 proved or done, 1 not-proved, 2 wrong input, 3 invalid, 4 inconclusive,
5 stopped (Ctrl-C), or environment (a disk, a port, a peer), 6 waiting for the other side,
70 a defect of veilmark.`;

/** Options that may be given several times. */
const lists = ['models', 'null-models', 'earlier', 'judge-key', 'circuits', 'expect', 'records'];

/** Runs a command line; the process ends with one of `exitCodes`. */
async function main(words: readonly string[]): Promise<void> {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as {
    version: string;
  };
  const program = yargs(words)
    .scriptName('veilmark')
    .usage('$0 COMMAND: zero-knowledge ownership proofs for neural networks')
    .version(version)
    .locale('en')
    .updateStrings(parserWords as unknown as Record<string, string>)
    .parserConfiguration({ 'greedy-arrays': false })
    .strict()
    .recommendCommands()
    .demandCommand(1, 'no command is named')
    .check((args) => {
      checkArguments(args, lists);
      return true;
    })
    .wrap(Math.max(60, Math.min(100, process.stderr.columns || 100)))
    .epilogue(epilogue)
    .exitProcess(false)
    .fail((message, error) => {
      const parsing = (error as Error | undefined)?.name ?? 'YError';
      if (parsing !== 'YError') throw error;
      throw usageError(message || error.message, words);
    });
  for (const add of commands) add(program);
  addSession(program, words, main);
  if (words.length === 0) program.showHelp('error');
  await program.parseAsync();
}

// What reads the output may have seen enough (`| head`); a full disk behind it is a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  note(`error: cannot write the output: ${error.message} [stdout.write]`);
  process.exit(exitCodes.environment);
});

try {
  await main(hideBin(process.argv));
} catch (error) {
  process.exitCode = reportError(error);
}
