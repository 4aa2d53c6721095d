import { concatBytes } from '../../src/base/index.js';
import {
  advanceQueries,
  encodeEntry,
  type NewEntry,
  newQueries,
  type QueryLog,
  type QueryState,
} from '../../src/protocol/index.js';

/** A log in memory whose bytes can be looked at, cut, and opened again. */
export class LineLog implements QueryLog {
  state: QueryState = newQueries;
  readonly lines: Uint8Array[] = [];
  /** Lines after which the judge is killed. */
  room = Infinity;

  static of(lines: readonly Uint8Array[]): LineLog {
    const log = new LineLog();
    for (const line of lines) log.#take(line);
    return log;
  }

  append(entry: NewEntry): Promise<void> {
    if (this.lines.length >= this.room) return Promise.reject(new Error('killed'));
    this.#take(encodeEntry(this.state, entry));
    return Promise.resolve();
  }

  get bytes(): Uint8Array {
    return concatBytes(...this.lines);
  }

  #take(line: Uint8Array): void {
    this.state = advanceQueries(this.state, line.subarray(0, -1));
    this.lines.push(line);
  }
}
