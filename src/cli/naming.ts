import { EvidenceError, InputError } from '../base/index.js';

/** Runs a reader; an error that does not say which file it is about gets the path in front. */
export async function inFile<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const known = error instanceof InputError || error instanceof EvidenceError;
    if (!known || error.message.includes(path)) throw error;
    const { code, hint = 'name another file, or take this one from a backup or its source again' } =
      error;
    const details = { code, hint, message: `${path}: ${error.message}`, cause: error };
    throw error instanceof InputError ? new InputError(details) : new EvidenceError(details);
  }
}

/** Runs a check of what the user asked for: what fails here is a wrong wish, not false evidence. */
export function asWish<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    const { code, message, hint } = error;
    throw new InputError({ code, message, hint, cause: error });
  }
}
