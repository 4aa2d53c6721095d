import type { Argv } from 'yargs';

import { defaultPolicy, policySchema } from '../protocol/index.js';
import { readCommitment } from './claim-folder.js';
import { asWish } from './naming.js';
import { readPolicy } from './policy-file.js';
import { explainPolicy } from './policy-words.js';
import { print } from './terminal.js';

export function addPolicy(program: Argv): Argv {
  return program.command(
    'policy',
    'Print the default policy of a judge, to change and give to `judge --policy`; check one',
    (yargs) =>
      addCheck(addSchema(addPrint(yargs))).epilogue(
        'Examples:\n  $0 policy > policy.json\n  $0 policy check policy.json --commitment claim/commitment.veilmark',
      ),
    printDefault,
  );
}

function printDefault(): void {
  print(JSON.stringify(defaultPolicy, null, 2));
}

function addPrint(program: Argv): Argv {
  return program.command(
    'print',
    'Print the default policy',
    (yargs) => yargs.epilogue('Example:\n  $0 policy print > policy.json'),
    printDefault,
  );
}

function addSchema(program: Argv): Argv {
  return program.command(
    'schema',
    'Print the JSON Schema of a policy file: every member with its range, default and meaning',
    (yargs) => yargs.epilogue('Example:\n  $0 policy schema > policy.schema.json'),
    () => {
      print(JSON.stringify(policySchema(), null, 2));
    },
  );
}

function addCheck(program: Argv): Argv {
  return program.command(
    'check <file>',
    'Say what a policy demands of a claim, in numbers and words',
    (yargs) =>
      yargs
        .positional('file', { type: 'string', demandOption: true, describe: 'Policy file' })
        .options({
          commitment: { type: 'string', demandOption: true, describe: 'The owner’s public file' },
        })
        .epilogue('Example:\n  $0 policy check policy.json --commitment claim/commitment.veilmark'),
    async (args) => {
      const policy = await readPolicy(args.file);
      const { parameters } = await readCommitment(args.commitment);
      print(asWish(() => explainPolicy(policy, parameters)).join('\n'));
    },
  );
}
