import type { Argv } from 'yargs';

import { addAttackFalseClaim } from './attack-false-claim.js';
import { addAttackReport } from './attack-report.js';
import { addAttackAll, addAttacks } from './attack-run.js';

const example = `Examples:
  $0 attack ftal attacks --model model --claim claim
  $0 attack all attacks --model model --claim claim
  $0 attack report attacks`;

export function addAttack(program: Argv): Argv {
  return program.command(
    'attack',
    'Try to remove a mark from a model of your own, and report what is left of it',
    (yargs) =>
      [addAttacks, addAttackAll, addAttackFalseClaim, addAttackReport]
        .reduce((all, add) => add(all), yargs)
        .demandCommand(1, 'name an attack, all, false-claim or report')
        .epilogue(example),
  );
}
