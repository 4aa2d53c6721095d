import { EvidenceError } from '../base/index.js';
import type { Parameters } from '../commitment/index.js';
import type { Observer } from './checks.js';
import type { JudgeHello, Verdict } from './payloads.js';

/** Most answers of null models in one session: the exact bound on their chance of a match then takes a few seconds at most. */
export const maxNullAnswers = 100_000;

/**
 * The judge names its null models before anything is opened. Models picked or trained afterwards could be made to match, or not to.
 * Throws `EvidenceError` `hello.nulls`.
 */
export function checkNamedModels(
  { nullModels, mode, suspect }: JudgeHello,
  { batchSize }: Parameters,
  observe: Observer,
): void {
  observe('hello.nulls');
  const ascend = nullModels.every((model, i) => i === 0 || model > (nullModels[i - 1] ?? ''));
  if (!ascend) throw refused('the null models are not in ascending order, each once');
  if (nullModels.includes(suspect.identity)) {
    throw refused('the suspect is one of the null models', 'take its folder out of --null-models');
  }
  if (mode === 'white-box' && nullModels.length > 0) {
    throw refused('a white box session opens no triggers that null models could be asked about');
  }
  if (nullModels.length * batchSize > maxNullAnswers) {
    throw refused(
      `${nullModels.length} null models and ${batchSize} triggers are more than ${maxNullAnswers} answers`,
      `name at most ${Math.floor(maxNullAnswers / batchSize)} null models`,
    );
  }
}

/** The verdict reports exactly the models that the hello named. Throws `EvidenceError` `verdict.nulls`. */
export function checkNullResults(
  { nulls, answers }: Verdict,
  { nullModels }: JudgeHello,
  observe: Observer,
): void {
  observe('verdict.nulls');
  const holds =
    nulls.length === nullModels.length &&
    nulls.every(({ model, matches }, i) => model === nullModels[i] && matches <= answers.length);
  if (holds) return;
  throw new EvidenceError({
    code: 'verdict.nulls',
    message:
      'the verdict does not report each null model that was named, or more matches than triggers',
  });
}

function refused(message: string, hint?: string): EvidenceError {
  return new EvidenceError({ code: 'hello.nulls', message, hint });
}
