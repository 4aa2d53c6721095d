import { InputError, printable } from '../../base/index.js';

const hint =
  'write e.g. --suspect-command "python3 classify.py"; a folder of pictures is added as its last argument';

function refusal(message: string): InputError {
  return new InputError({
    code: 'suspect.command',
    message: `--suspect-command: ${message}`,
    hint,
  });
}

/**
 * The words of a command line, without a shell: separated by blanks, with '…' and "…" around words that hold some, and \ before
 * a character that is meant as it is. Throws `InputError` `suspect.command`.
 */
export function commandWords(line: string): string[] {
  checkLine(line);
  const words: string[] = [];
  const word = /\s*((?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)/y;
  while (line.slice(word.lastIndex).trim() !== '') {
    const text = word.exec(line)?.[1];
    if (text === undefined) throw refusal('a quotation mark is not closed');
    words.push(text.replaceAll(quoted, unquote));
  }
  return words;
}

/** The words that have a shell run a line, in which the folder is `$1`. Throws `InputError` `suspect.command`. */
export function shellWords(line: string): string[] {
  checkLine(line);
  if (!/\$(1|\{1\}|@)/.test(line))
    throw refusal('a shell’s command does not name the folder, "$1"');
  return ['/bin/sh', '-c', line, 'sh'];
}

function checkLine(line: string): void {
  if (line.trim() === '') throw refusal('it is empty');
  if (line.length > 250) throw refusal('longer than 250 characters');
  if (!new RegExp(printable).test(line)) throw refusal('it holds control characters');
}

const quoted = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g;

function unquote(_: string, single?: string, double?: string, escaped?: string): string {
  return single ?? double?.replaceAll(/\\(["\\])/g, '$1') ?? escaped ?? '';
}
