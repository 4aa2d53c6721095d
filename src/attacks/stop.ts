import { EnvironmentError } from '../base/index.js';

/** Throws `training.stopped` if the caller wants no more: not every attack trains. */
export function stopIfAborted({ signal }: { readonly signal?: AbortSignal | undefined }): void {
  if (signal?.aborted !== true) return;
  throw new EnvironmentError({
    code: 'training.stopped',
    message: 'the attack was stopped; nothing of it was written',
    hint: 'repeat the same command; `attack all` keeps the attacks that are done',
  });
}
