import type { OwnerOptions, OwnerStage } from '../prover/index.js';
import type { DeskResult } from './owner-desk.js';
import { Progress } from './progress.js';
import { summarise } from './summary.js';
import { note } from './terminal.js';

/** Shows what the owner is doing. */
export function showStages(name: string): NonNullable<OwnerOptions['onStage']> {
  const proving = new Progress('proving hidden pairs');
  const batch = new Progress('proving the batch');
  return (stage) => {
    if (stage.kind === 'proving') proving.update(stage.done, stage.total);
    else if (stage.kind === 'proving-batch') batch.update(stage.done, stage.total);
    else note(`${name}: ${describeStage(stage)}`);
  };
}

/** Says how a connection ended. */
export function tell(name: string, result: DeskResult): void {
  if (result.kind === 'waiting') {
    note(`${name}: ${result.error.message}; the session waits for the judge to come back`);
    return;
  }
  note(`${name}: ${summarise(result.record.outcome)}`);
  if (result.path !== undefined) note(`${name}: transcript ${result.path}`);
}

function describeStage(stage: Exclude<OwnerStage, { kind: 'proving' | 'proving-batch' }>): string {
  return stage.kind === 'greeted'
    ? `judge ${stage.judge}, suspect ${stage.suspect}`
    : `opening batch ${stage.batch} (${stage.size} triggers)`;
}
