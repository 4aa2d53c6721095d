import type { Parameters } from '../commitment/index.js';
import { log2, type NullEvidence, nullEvidence, type Session } from '../protocol/index.js';
import { percent } from './terminal.js';

/** What the null models of a session showed; nothing where it had none or came to no verdict. */
export function nullsOf(
  session: Session,
  parameters: Parameters,
): (NullEvidence & { readonly levelPpm: number }) | undefined {
  const reached = session.phase === 'aborted' ? session.before : session;
  if (!('verdict' in reached)) return undefined;
  const { policy } = reached.judgeHello;
  const evidence = nullEvidence(reached.verdict.nulls, parameters, policy);
  return evidence && { ...evidence, levelPpm: policy.nullPpm };
}

/** The same in words, a line for each thing it says. */
export function nullReport(session: Session, parameters: Parameters): string[] {
  const evidence = nullsOf(session, parameters);
  if (evidence === undefined) return [];
  const { models, matched, asked, most, boundPpm, chance, levelPpm } = evidence;
  const { batchSize, labelMode } = parameters;
  const confidence = `${(100 - levelPpm / 1e4).toFixed(2)} % confidence`;
  return [
    `${models} match ${matched} of ${asked} (${percent(matched, asked)}), the best ${most} of ${batchSize}`,
    `pooled, at most ${(boundPpm / 1e4).toFixed(2)} % a trigger (Clopper and Pearson, ${confidence})`,
    labelMode === 'derived'
      ? `that the best of so many matches so often by chance: at most 2^${log2(chance).toFixed(1)}`
      : 'labels were chosen: the chance above is at that bound, if a model that knows no mark is like these',
  ];
}
