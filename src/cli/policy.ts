import type { Argv } from 'yargs';

import { defaultPolicy } from '../protocol/index.js';
import { print } from './terminal.js';

export function addPolicy(program: Argv): Argv {
  return program.command(
    'policy',
    'Print the default policy of a judge, to change and give to `judge --policy`',
    (yargs) => yargs.epilogue('Example:\n  $0 policy > policy.json'),
    () => {
      print(JSON.stringify(defaultPolicy, null, 2));
    },
  );
}
