import { EnvironmentError, VeilmarkError } from '../base/index.js';

/** Tells of failures of a device that the call in which they happen does not. */
export interface DeviceWatch {
  /** The first failure since the device was opened, once all that was asked of it so far is checked. */
  failure(): Promise<Error | undefined>;
  /** Calls the listener when the device is lost, at once if it is. */
  onLost(listener: (reason: Error) => void): void;
}

/** A device that is there no more; its backends throw it or anything. */
export class DeviceLost extends Error {}

/** Runs work on a backend, and refuses all work after the first failure of the backend. */
export interface BackendGuard {
  /** Throws `EnvironmentError` `backend.lost`, `backend.memory` or `backend.failed`, or what the work itself throws. */
  run<T>(work: () => Promise<T> | T): Promise<T>;
}

/** How each failure is recognised where a backend only throws a text, in the order in which they are tried. */
const signs: readonly (readonly [code: keyof typeof hints, sign: RegExp])[] = [
  [
    'backend.lost',
    /device (is |was )?lost|AbortError|CUDA_ERROR_(LAUNCH|ILLEGAL|UNKNOWN|ECC|DEINIT|NO_DEVICE)|cudaError(Launch|Illegal|Unknown|ECC)|illegal memory access|GPU is lost|unspecified launch failure/i,
  ],
  [
    'backend.memory',
    /\bOOM\b|TF_Status: 8\b|out of (device |host )?memory|RESOURCE_?\s?EXHAUSTED|OUT_OF_(DEVICE_|HOST_)?MEMORY|cudaErrorMemoryAllocation|CUDNN_STATUS_ALLOC_FAILED|failed to alloc|allocation failed|(exceeds|larger than) the max(imum)? .*(size|binding)|Dispatch size exceeds|memory access out of bounds|Cannot enlarge memory|WebAssembly\.Memory/i,
  ],
];

const failures = {
  'backend.lost': 'the device was lost',
  'backend.memory': 'out of memory',
  'backend.failed': 'the device failed',
} as const;

const hints = {
  'backend.lost':
    'repeat the command with --resume to go on from the last checkpoint, on another --backend if it happens again',
  'backend.memory':
    'choose a smaller --batch and train from the start, or another --backend with --resume, which goes on from the last checkpoint',
  'backend.failed':
    'repeat the command on another --backend, with --resume to go on from the last checkpoint',
} as const;

/**
 * Turns the failures of a backend into coded errors. A GPU fails where nobody looks: a buffer that could not be allocated
 * reads as zeros, which would be written to the next checkpoint, and what waits for a lost device may wait for ever. So
 * the device is asked after each piece of work, and its loss ends the work that waits.
 */
export function guardBackend(
  { description }: { readonly description: string },
  watch?: DeviceWatch,
): BackendGuard {
  let failed: EnvironmentError | undefined;
  const waiting = new Set<(error: Error) => void>();
  const fail = (cause: unknown): EnvironmentError => (failed ??= coded(description, cause));
  watch?.onLost((reason) => {
    const error = fail(reason);
    for (const reject of waiting) reject(error);
  });

  const checked = async <T>(work: () => Promise<T> | T): Promise<T> => {
    const [outcome] = await Promise.allSettled([(async () => work())()]);
    // The cause rather than what came of it: an allocation that failed is used by a hundred calls.
    const failure = await watch?.failure();
    if (failure !== undefined) throw fail(failure);
    if (outcome.status === 'fulfilled') return outcome.value;
    const error: unknown = outcome.reason;
    throw error instanceof VeilmarkError || codeOf(error) === undefined ? error : fail(error);
  };
  return {
    run: (work) =>
      new Promise((resolve, reject) => {
        if (failed !== undefined) {
          reject(failed);
          return;
        }
        waiting.add(reject);
        checked(work)
          .then(resolve, reject)
          .finally(() => waiting.delete(reject));
      }),
  };
}

function codeOf(error: unknown): keyof typeof hints | undefined {
  if (error instanceof DeviceLost) return 'backend.lost';
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return signs.find(([, sign]) => sign.test(text))?.[0];
}

function coded(description: string, cause: unknown): EnvironmentError {
  const code = codeOf(cause) ?? 'backend.failed';
  const text = cause instanceof Error ? cause.message : String(cause);
  const said = text.split('\n - ')[0]?.replace(/\s+/g, ' ').trim().slice(0, 200);
  const message = `${description}: ${failures[code]}${said ? ` (${said})` : ''}`;
  return new EnvironmentError({ code, message, hint: hints[code], cause });
}
