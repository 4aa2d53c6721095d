import { resolve } from 'node:path';

/**
 * The path of a file that ships with the package, e.g. `packagePath('data', 'README.md')`. The same from `src/files/`
 * as from the compiled `dist/files/`: both lie two levels below the package's root.
 */
export function packagePath(...parts: readonly string[]): string {
  return resolve(import.meta.dirname, '..', '..', ...parts);
}
