import { EnvironmentError, EvidenceError, InputError, VeilmarkError } from '../base/index.js';
import type { VerdictName } from '../protocol/index.js';

/** Exit codes: verdicts first, then what kept a command from its work. */
export const exitCodes = {
  proved: 0,
  'not-proved': 1,
  usage: 2,
  invalid: 3,
  inconclusive: 4,
  environment: 5,
  waiting: 6,
  internal: 70,
} as const satisfies Record<VerdictName | 'usage' | 'environment' | 'waiting' | 'internal', number>;

/**
 * Text without characters that move the cursor, colour, or turn the direction of writing: a peer's words must not forge the
 * lines around them.
 */
function plain(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '?');
}

/** Text in one line: names that a file or a server gave may hold line feeds. */
export function oneLine(text: string): string {
  return text.replace(/\s*[\n\r\u0085\u2028\u2029]+\s*/g, ' ');
}

/** Data for a program or a person to keep. */
export function print(text: string): void {
  endLine();
  process.stdout.write(`${plain(text)}\n`);
}

let lineIsOpen = false;

/** Words for the person at the terminal. */
export function note(text: string): void {
  endLine();
  process.stderr.write(`${plain(text)}\n`);
}

/** Draws a line in the terminal over the one that was drawn before, cut to one row. */
export function drawLine(text: string): void {
  const columns = process.stderr.columns || 80;
  process.stderr.write(`\r\x1b[K${text.slice(0, columns - 1)}`);
  lineIsOpen = true;
}

/** Leaves a drawn line as it stands. */
export function endLine(): void {
  if (lineIsOpen) process.stderr.write('\n');
  lineIsOpen = false;
}

/** Prints an error and its hint; returns the exit code. */
export function reportError(error: unknown): number {
  if (!(error instanceof VeilmarkError)) {
    note(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    note('hint: this is a defect of veilmark; please report it with the command that you ran');
    return exitCodes.internal;
  }
  note(`error: ${oneLine(error.message)} [${error.code}]`);
  if (error.hint !== undefined) note(`hint: ${error.hint}`);
  if (error instanceof InputError) return exitCodes.usage;
  if (error instanceof EvidenceError) return exitCodes.invalid;
  if (error instanceof EnvironmentError) return exitCodes.environment;
  return exitCodes.internal;
}

/** `82.4 %`. */
export function percent(part: number, whole = 1): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

/** `1:05` for 65 seconds. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Columns of text, the first row as heading, aligned with spaces. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
