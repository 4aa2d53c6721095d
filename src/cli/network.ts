import type { Argv } from 'yargs';

import { addNetworkApprove, addNetworkList } from './network-approve.js';
import { addNetworkCheck } from './network-check.js';
import { addNetworkInfo } from './network-info.js';
import { addNetworkMake } from './network-make.js';

const example = `Example:
  $0 network make suspect.network --suspect model
  $0 network check suspect.network --suspect model
  $0 network approve suspect.network --claim claim`;

export function addNetwork(program: Argv): Argv {
  return program.command(
    'network',
    'Make and look at integer networks, about whose weights white box sessions prove',
    (yargs) =>
      [addNetworkMake, addNetworkCheck, addNetworkInfo, addNetworkApprove, addNetworkList]
        .reduce((all, add) => add(all), yargs)
        .demandCommand(1, 'name what to do: make, check, info, approve or list')
        .epilogue(example),
  );
}
