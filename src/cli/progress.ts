import { drawLine, duration, endLine, note } from './terminal.js';

const barWidth = 24;
const redrawMs = 100;
const plainMs = 5000;

/**
 * A progress line on standard error with an estimate of the time left: redrawn in a terminal, a line every five seconds
 * elsewhere, so that logs stay short.
 */
export class Progress {
  readonly #title: string;
  readonly #started = performance.now();
  #drawn = -Infinity;

  constructor(title: string) {
    this.#title = title;
  }

  /** `detail` says more about the present state; `secondsLeft` replaces the straight-line estimate. */
  update(done: number, total: number, detail = '', secondsLeft?: number): void {
    const now = performance.now();
    const isTerminal = process.stderr.isTTY;
    if (now - this.#drawn < (isTerminal ? redrawMs : plainMs) && done < total) return;
    if (!isTerminal && this.#drawn === -Infinity && done < total) {
      this.#drawn = now;
      return;
    }
    this.#drawn = now;
    const share = total === 0 ? 1 : done / total;
    const elapsed = (now - this.#started) / 1000;
    const left = secondsLeft ?? (share > 0 ? (elapsed / share) * (1 - share) : 0);
    const time = done < total ? `${duration(left)} left` : duration(elapsed);
    // A narrow terminal has no room for a bar.
    const bar = isTerminal && process.stderr.columns < 100 ? '' : `${drawBar(share)} `;
    const line = `${this.#title} ${bar}${done}/${total}  ${detail}${detail ? '  ' : ''}${time}`;
    if (isTerminal) drawLine(line);
    else note(line);
  }

  /** Leaves the line as it stands. */
  end(): void {
    endLine();
  }
}

function drawBar(share: number): string {
  const filled = Math.round(share * barWidth);
  return `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
}
