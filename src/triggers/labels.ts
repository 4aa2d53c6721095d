import { type ErrorDetails, InputError } from '../base/index.js';

/** Something to look at before going on; the caller may well stop there. */
export interface TriggerWarning {
  /** `trigger.labels-same` or `trigger.labels-by-order`. */
  readonly code: string;
  readonly message: string;
}

/**
 * The labels of pictures, in the order of their names. The file has one integer a line (`6`, or `6.0e+00` as NumPy writes
 * it and the paper's authors published it). Where all names are numbers, line i belongs to picture i, counted from 1, and
 * each number must be there once. Otherwise line i belongs to the i-th name, and a warning says so. Throws `InputError`
 * `trigger.labels`, `trigger.label`, `trigger.labels-count`, `trigger.number-missing` or `trigger.number-twice`.
 */
export function joinLabels({
  text,
  names,
  classes = Infinity,
  what,
}: {
  /** Of the label file. */
  text: string;
  /** File names of the pictures in natural order. */
  names: readonly string[];
  /** Every label must be below it. */
  classes?: number | undefined;
  /** The label file's name in messages. */
  what: string;
}): { labels: number[]; warnings: TriggerWarning[] } {
  const lines = parseLabels(text, { classes, what });
  const warnings: TriggerWarning[] = [];
  if (lines.length > 1 && lines.every((label) => label === lines[0])) {
    warnings.push({
      code: 'trigger.labels-same',
      message: `all ${lines.length} labels in ${what} are ${lines[0] ?? 0}: a set with one label proves next to nothing`,
    });
  }
  const numbers = names.map((name) => /^(\d+)\.[^.]*$/.exec(name)?.[1]).map(Number);
  if (numbers.every((number) => Number.isSafeInteger(number))) {
    return { labels: byNumber({ numbers, lines, names, what }), warnings };
  }
  if (lines.length !== names.length) {
    fail({
      code: 'trigger.labels-count',
      message: `${what} has ${lines.length} labels for ${names.length} pictures`,
      hint: 'one line for each picture, in the order of the names with numbers counted (2 before 10)',
    });
  }
  warnings.push({
    code: 'trigger.labels-by-order',
    message: `labels are joined to pictures by the order of names, ${names[0] ?? ''} first: if a file is renamed, they shift; names that are numbers from 1 cannot`,
  });
  return { labels: lines, warnings };
}

function byNumber({
  numbers,
  lines,
  names,
  what,
}: {
  numbers: readonly number[];
  lines: readonly number[];
  names: readonly string[];
  what: string;
}): number[] {
  const twice = numbers.findIndex((number, i) => numbers.indexOf(number) < i);
  if (twice >= 0) {
    const first = names[numbers.indexOf(numbers[twice] ?? 0)] ?? '';
    fail({
      code: 'trigger.number-twice',
      message: `${first} and ${names[twice] ?? ''} have the same number`,
      hint: `line i of ${what} belongs to picture i: keep one of them`,
    });
  }
  const missing = lines.findIndex((_, i) => !numbers.includes(i + 1)) + 1;
  if (missing > 0) {
    fail({
      code: 'trigger.number-missing',
      message: `${what} has a label for picture ${missing}, but there is no such picture`,
      hint: 'pictures are numbered from 1, line i belongs to picture i',
    });
  }
  return numbers.map((number, i) => {
    return (
      lines[number - 1] ??
      fail({
        code: 'trigger.number-missing',
        message: `${names[i] ?? ''} has no label: ${what} has ${lines.length} lines, counted from 1`,
        hint: 'line i belongs to picture i: add the line or take the picture away',
      })
    );
  });
}

function parseLabels(text: string, { classes, what }: { classes: number; what: string }): number[] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line, i) => {
      const digits = /^\s*(\d{1,9})(?:\.0*)?(?:e[+-]?0+)?\s*$/i.exec(line)?.[1];
      if (digits === undefined) {
        return fail({
          code: 'trigger.labels',
          message: `line ${i + 1} of ${what} is ${JSON.stringify(line.slice(0, 40))}, not an integer`,
          hint: 'write one label a line, counted from 0',
        });
      }
      if (Number(digits) >= classes) {
        fail({
          code: 'trigger.label',
          message: `line ${i + 1} of ${what} is ${digits}, but there are ${classes} classes (counted from 0)`,
          hint: 'write labels from 0 to one less than the number of classes',
        });
      }
      return Number(digits);
    });
}

function fail(details: ErrorDetails): never {
  throw new InputError(details);
}
