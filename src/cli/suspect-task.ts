import { InputError, type Shape } from '../base/index.js';
import { readFileLimited } from '../files/index.js';
import type { Preprocessing } from '../training/engine.js';
import { preprocessingOf } from './train-recipe.js';

/** What a suspect is asked about: images of a shape, and names for its answers. */
export interface SuspectTask {
  readonly shape: Shape;
  readonly classNames: readonly string[];
  /** Whose shape and classes these are, for messages. */
  readonly what: string;
}

/** The names of `--suspect-classes`. Throws `InputError` `file.*`, `suspect.classes`. */
export async function readClassNames(path: string): Promise<string[]> {
  const bytes = await readFileLimited(path, { limit: 2 ** 24, what: 'file of class names' });
  const names = new TextDecoder().decode(bytes).trimEnd().split(/\r?\n/);
  const isSound = names.length >= 2 && names.length <= 100_000;
  const isPrintable = names.every((name) => /^\P{C}{1,200}$/u.test(name));
  if (isSound && isPrintable && new Set(names).size === names.length) return names;
  throw new InputError({
    code: 'suspect.classes',
    message: `${path} does not hold two or more names of classes, each of them once`,
    hint: 'write one name a line, in the order of the suspect’s classes',
  });
}

/** The preprocessing of `--suspect-normalise`. Throws `InputError` `usage.normalise`. */
export function suspectPreprocessing(
  name: string | undefined,
  shape: Shape,
): Preprocessing | undefined {
  if (name === undefined) return undefined;
  if (name === 'none') {
    const { channels } = shape;
    return { mean: Array<number>(channels).fill(0), std: Array<number>(channels).fill(1) };
  }
  if (name !== 'data') return preprocessingOf({ normalise: name }, { shape });
  throw new InputError({
    code: 'usage.normalise',
    message: '--suspect-normalise data: what the suspect’s owner measured is not known here',
    hint: 'write the mean and deviation that its documentation names',
  });
}
