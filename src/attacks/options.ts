import { InputError, printable } from '../base/index.js';
import type { Attack, AttackOption, AttackOptions, Bounds } from './attack.js';
import { mostCurves } from './record.js';

/**
 * The options of an attack, what is not given as usual. They are checked before an attack starts: the last of them may be read
 * after hours. Throws `InputError` `attack.options` for one that the attack does not have or cannot use.
 */
export function checkedOptions(attack: Attack, given: AttackOptions): AttackOptions {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(attack.options, name));
  if (unknown !== undefined) throw refusal(attack, `there is no option ${unknown}`);
  return Object.fromEntries(
    Object.entries(attack.options).map(([name, option]) => {
      const value = given[name] ?? option.default;
      const problem = problemOf(option, value);
      if (problem !== undefined) throw refusal(attack, `${name} ${problem}`);
      option.check?.(String(value));
      return [name, value] as const;
    }),
  );
}

/** A number among checked options. */
export function numberOf(options: AttackOptions, name: string): number {
  const value = options[name];
  if (typeof value !== 'number') throw new TypeError(`the option ${name} is no number`);
  return value;
}

/** A list of numbers among checked options. */
export function numbersOf(options: AttackOptions, name: string): number[] {
  return numbersIn(String(options[name]));
}

function numbersIn(text: string): number[] {
  return text.split(',').map((number) => (number.trim() === '' ? NaN : Number(number)));
}

/** Longest text that goes whole into a record with some words around it. */
const longest = 300;

function isText(text: string): boolean {
  return text.length <= longest && new RegExp(printable).test(text);
}

/** What is wrong with a value, if anything is. */
function problemOf(
  { default: usual, bounds, words, isRequired = false }: AttackOption,
  value: number | string,
): string | undefined {
  const kind = typeof usual;
  if (typeof value !== kind)
    return `should be a ${kind === 'number' ? kind : 'text'}, got ${value}`;
  if (isRequired && value === '') return 'is not given';
  if (words && !words.includes(String(value))) {
    return `is ${JSON.stringify(value)}, not one of ${words.filter(Boolean).join(', ')}`;
  }
  if (typeof value === 'string' && !isText(value)) {
    return `has more than ${longest} characters, or some that cannot be printed`;
  }
  if (typeof value === 'string' && bounds === undefined) return undefined;
  const numbers = typeof value === 'number' ? [value] : numbersIn(value);
  if (numbers.length > mostCurves) return `has more than ${mostCurves} numbers`;
  const wrong = numbers.find((number) => !isWithin(number, bounds ?? {}));
  return wrong === undefined ? undefined : `should be ${wanted(bounds ?? {})}, got ${wrong}`;
}

function isWithin(value: number, { least, above, most, whole = false }: Bounds): boolean {
  const isInside =
    value >= (least ?? -Infinity) && value > (above ?? -Infinity) && value <= (most ?? Infinity);
  return Number.isFinite(value) && isInside && (!whole || Number.isInteger(value));
}

function wanted({ least, above, most, whole = false }: Bounds): string {
  const limits = [
    ...(least === undefined ? [] : [`at least ${least}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
  ];
  return `${whole ? 'a whole number' : 'a number'} ${limits.join(' and ')}`.trim();
}

function refusal(attack: Attack, message: string): InputError {
  return new InputError({
    code: 'attack.options',
    message: `${attack.name}: ${message}`,
    hint: `\`veilmark attack ${attack.name} --help\` lists its options; several numbers are written with commas`,
  });
}
