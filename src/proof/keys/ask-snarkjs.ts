import { EnvironmentError } from '../../base/index.js';

/** snarkjs's answer, or that it had none, with what it said: for `cause`, not for a user's eyes. */
export type Answer<T> =
  | { readonly value: T; readonly cause: Error }
  | { readonly value: undefined; readonly cause: Error };

interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/**
 * Runs snarkjs, within `withSnarkjs`, and keeps to itself what it throws, logs, and prints: some of its refusals go to
 * `console.log`. Throws `EnvironmentError` `file.read` where the system refused it a file.
 */
export async function askSnarkjs<T>(work: (logger: Logger) => Promise<T>): Promise<Answer<T>> {
  const said: string[] = [];
  const hear = (...words: unknown[]): void => void said.push(words.map(String).join(' '));
  const silent = (): void => undefined;
  const { log } = console;
  Object.assign(console, { log: hear });
  try {
    const logger = { debug: silent, info: silent, warn: hear, error: hear };
    const value = await work(logger);
    return { value, cause: new Error(said.join('; ')) };
  } catch (error) {
    const { errno, message } = error as NodeJS.ErrnoException;
    if (errno !== undefined) {
      throw new EnvironmentError({
        code: 'file.read',
        message: `a file of the ceremony could not be read: ${message}`,
        hint: 'free memory or disk and run the same command again',
        cause: error,
      });
    }
    return { value: undefined, cause: new Error(said.join('; '), { cause: error }) };
  } finally {
    Object.assign(console, { log });
  }
}
