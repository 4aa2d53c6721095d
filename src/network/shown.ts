/** A short form of a value of a foreign file, without characters that could forge lines of a report. */
export function shown(value: unknown): string {
  return JSON.stringify(value ?? null)
    .slice(0, 80)
    .replace(/[^\x20-\x7e]/g, '?');
}
