import { InputError } from '../base/index.js';

/** Words of the argument parser's messages, said as the rest of veilmark says them. */
export const parserWords = {
  'Not enough non-option arguments: got %s, need at least %s': {
    one: 'a file or folder is not named (got %s, need %s)',
    other: 'a file or folder is not named (got %s, need %s)',
  },
  'Missing required argument: %s': { one: '--%s is not given', other: 'not given: %s' },
  'Unknown argument: %s': {
    one: 'there is no option or place for %s',
    other: 'there are no options or places for %s',
  },
  'Unknown command: %s': {
    one: 'there is no command %s',
    other: 'there are no commands %s',
  },
  'Did you mean %s?': 'there is no such command; did you mean %s?',
  'Not enough arguments following: %s': '--%s needs a value after it',
  'Arguments %s and %s are mutually exclusive': '--%s and --%s cannot be given together',
  'Argument: %s, Given: %s, Choices: %s': '--%s cannot be %s; choose one of %s',
  'Implications failed:': 'an option needs another one',
  'Invalid values:': 'a value is not one of the choices',
} as const;

/** A mistake on the command line itself; the hint names the help that has an example. */
export function usageError(message: string, words: readonly string[]): InputError {
  const command = words.find((word) => !word.startsWith('-'));
  const help = command !== undefined && /^[a-z-]+$/.test(command) ? `${command} --help` : '--help';
  const isUnknown = command !== undefined && message.endsWith(command);
  return new InputError({
    code: 'usage.arguments',
    message: message.trim().replace(/\s*\n\s*/g, ': '),
    hint: `\`veilmark ${isUnknown || message.includes('no such command') ? '--help' : help}\` shows what can be written`,
  });
}

/**
 * Refuses what the parser lets through: a number that is none, an empty text, an option given twice. Throws `InputError`
 * `usage.number`, `usage.empty` or `usage.twice`. `lists` are the options that may be repeated.
 */
export function checkArguments(
  args: Readonly<Record<string, unknown>>,
  lists: readonly string[],
): void {
  for (const [name, value] of Object.entries(args)) {
    // The parser gives each option a second time under its camel-case name.
    if (name === '_' || name === '$0' || /[A-Z]/.test(name)) continue;
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (values.length > 1 && !lists.includes(name)) {
      throw new InputError({
        code: 'usage.twice',
        message: `${name} is given more than once`,
        hint: 'write it once',
      });
    }
    if (values.some((one) => typeof one === 'number' && !Number.isFinite(one))) {
      throw new InputError({
        code: 'usage.number',
        message: `${name} is not a number`,
        hint: `write it in digits, e.g. --${name} 10`,
      });
    }
    if (values.includes('')) {
      throw new InputError({
        code: 'usage.empty',
        message: `${name} is empty`,
        hint: 'write something after it; a variable in your shell may be unset',
      });
    }
  }
}

/** A whole number within bounds. Throws `InputError` `usage.number`. */
export function wholeNumber(
  name: string,
  value: number,
  { least, most }: { least: number; most: number },
): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new InputError({
    code: 'usage.number',
    message: `--${name} is ${value}, not a whole number from ${least} to ${most}`,
    hint: `write e.g. --${name} ${least}`,
  });
}
