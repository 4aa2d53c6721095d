import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { ChildMessage, ChildTask } from './child.js';

/** How a child's life went. */
export interface ChildAnswer {
  /** The last that it said; absent where it ended, or was ended, before. */
  readonly message?: ChildMessage;
  /** Why it ended without an answer: its time was over, or e.g. `SIGSEGV`. */
  readonly ended?: string;
  /** What it wrote to standard error, the last 20,000 characters. */
  readonly said: string;
}

export type AskChild = (
  task: ChildTask,
  options: { seconds: number; onMessage?: (message: ChildMessage) => void },
) => Promise<ChildAnswer>;

/** Gives a task to a process of its own and waits for the answer, at most so many seconds. Never throws. */
export const askChild: AskChild = (task, { seconds, onMessage }) =>
  new Promise((resolve) => {
    const isSource = import.meta.url.endsWith('.ts');
    const script = new URL(isSource ? './child.ts' : './child.js', import.meta.url);
    // Tests run the sources themselves.
    const flags = isSource ? ['--import', 'tsx'] : [];
    const child = spawn(process.execPath, [...flags, fileURLToPath(script)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // TensorFlow's libraries name what they miss only when they are asked to talk.
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '0' },
    });
    let said = '';
    let message: ChildMessage | undefined;
    let ended: string | undefined;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-20_000);
    });
    child.on('message', (next: ChildMessage) => {
      message = next;
      onMessage?.(next);
    });
    const timer = setTimeout(() => {
      ended = `it took more than ${Math.round(seconds)} s`;
      child.kill('SIGKILL');
    }, seconds * 1000);
    const finish = (why?: string): void => {
      clearTimeout(timer);
      ended ??= why;
      resolve({ ...(message && { message }), ...(ended !== undefined && { ended }), said });
    };
    child.on('error', (error) => {
      if (child.pid === undefined) finish(error.message);
    });
    child.once('close', (code, signal) => {
      finish(signal ?? (code === 0 ? undefined : `exit code ${code}`));
    });
    child.send(task, () => undefined);
  });
