import type { Argv } from 'yargs';

import { addAttackReport } from './attack-report.js';

export function addAttack(program: Argv): Argv {
  return program.command(
    'attack',
    'Attack the mark of a model, to learn what it withstands',
    (yargs) =>
      addAttackReport(yargs)
        .demandCommand(1, 'name what to do: report')
        .epilogue('Example:\n  $0 attack report attacks'),
  );
}
