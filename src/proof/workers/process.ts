import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { EnvironmentError } from '../../base/index.js';

/** One process that runs `worker.ts` and does one job at a time. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #isAlive = true;
  /** Who waits for the present job. */
  #waiting: PromiseWithResolvers | undefined;
  /** The end of what it wrote to standard error, to say why it died. */
  #said = '';

  /** `memory`: most of JavaScript's heap, MiB. */
  constructor({ memory }: { memory: number }) {
    const isSource = import.meta.url.endsWith('.ts');
    const script = new URL(isSource ? './worker.ts' : './worker.js', import.meta.url);
    // Tests run the sources themselves.
    const flags = [`--max-old-space-size=${memory}`, ...(isSource ? ['--import', 'tsx'] : [])];
    const node = [process.execPath, ...flags, fileURLToPath(script)];
    // A process that dies of its memory must not leave a core file: there is a witness in it.
    const noCore = ['/bin/sh', '-c', 'ulimit -c 0; exec "$0" "$@"'];
    const [command = '', ...words] = process.platform === 'win32' ? node : [...noCore, ...node];
    this.#child = spawn(command, words, {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, VEILMARK_PASSPHRASE: '' },
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-2000);
    });
    this.#child.on('message', (outcome) => this.#settle()?.resolve(outcome));
    this.#gone = new Promise((done) => {
      const onEnd = (): void => {
        this.#isAlive = false;
        this.#settle()?.reject(this.#died());
        done();
      };
      // Not `close`: that waits for whoever else holds the process's standard error.
      this.#child.once('exit', onEnd);
      this.#child.on('error', () => {
        if (this.#child.pid === undefined) onEnd();
      });
    });
    this.#rest();
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Sends a job and gives what comes back. Throws `EnvironmentError` `proof.worker` where the process dies. */
  async ask(job: { name: string; task: object }): Promise<unknown> {
    if (!this.#isAlive) throw this.#died();
    this.#child.ref();
    this.#child.channel?.ref();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.send(job, (error) => {
        if (error) this.kill();
      });
    });
  }

  kill(): void {
    this.#isAlive = false;
    this.#child.kill('SIGKILL');
  }

  async end(): Promise<void> {
    this.kill();
    this.#child.ref();
    await this.#gone;
  }

  /** The job's waiter, once; an idle process does not keep this one from ending. */
  #settle(): PromiseWithResolvers | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#rest();
    return waiting;
  }

  #rest(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }

  #died(): EnvironmentError {
    const { signalCode, exitCode } = this.#child;
    const memory = /heap out of memory|Allocation failed/i.test(this.#said);
    const why = memory ? 'it ran out of memory' : (signalCode ?? `exit code ${exitCode}`);
    return new EnvironmentError({
      code: 'proof.worker',
      message: `a worker process died: ${why}`,
      hint: 'what was done is kept; if memory is short use fewer workers, then run the same command again',
    });
  }
}

interface PromiseWithResolvers {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}
