import { EvidenceError, InputError } from '../base/index.js';
import type { BackendChoice } from '../training/backend.js';
import { askNullModels, type VerificationReport } from '../verifier/index.js';
import { findNullModels } from './null-models.js';

/**
 * Asks null models about the opened triggers of a transcript again, and compares. Throws `EvidenceError` `nulls.differ` for a model that matches
 * another number of triggers than the verdict says, `InputError` `nulls.unknown` for one that the session did not name, or where it came
 * to no verdict, and as `findNullModels` does.
 */
export async function recheckNullModels(
  { session, commitment }: VerificationReport,
  folders: readonly string[],
  backend: BackendChoice,
): Promise<{ asked: number; named: number }> {
  const reached = session.phase === 'aborted' ? session.before : session;
  if (!commitment || !('verdict' in reached)) {
    throw unknown('the transcript holds no verdict that null models could be compared with');
  }
  const { labelMap } = reached.judgeHello;
  const { nulls } = reached.verdict;
  const models = await findNullModels(folders, commitment.parameters, { labelMap, backend });
  const stranger = models.find(({ digest }) => nulls.every(({ model }) => model !== digest));
  if (stranger) {
    throw unknown(`${stranger.folder} (${stranger.digest}) is none of the session’s null models`);
  }
  const results = await askNullModels(models, {
    triggers: reached.openings.map(({ image }) => image),
    labels: reached.labels,
  });
  for (const { model, matches } of results) {
    const recorded = nulls.find((one) => one.model === model)?.matches;
    if (recorded === matches) continue;
    const folder = models.find(({ digest }) => digest === model)?.folder ?? model;
    throw new EvidenceError({
      code: 'nulls.differ',
      message: `${folder} matches ${matches} triggers, the verdict says ${recorded ?? 0}`,
      hint: 'another --backend rounds differently, which may turn an answer that is a near tie; more than that is a false report',
    });
  }
  return { asked: results.length, named: nulls.length };
}

function unknown(message: string): InputError {
  return new InputError({
    code: 'nulls.unknown',
    message,
    hint: 'give the folders that the judge gave, and the transcript of that session',
  });
}
