import { EnvironmentError, EvidenceError, InputError, VeilmarkError } from '../../base/index.js';

const classes = { InputError, EvidenceError, EnvironmentError } as const;

/** What a process answers: a thrown error would reach the other side without its class and code. */
export type Outcome<T> =
  | { readonly value: T }
  | {
      readonly failed: {
        readonly kind: keyof typeof classes;
        readonly code: string;
        readonly message: string;
        readonly hint: string | undefined;
      };
    };

/** Makes a job of a function: its coded errors become outcomes, all others end the job. */
export function job<Task, T>(
  work: (task: Task) => Promise<T> | T,
): (task: Task) => Promise<Outcome<T>> {
  return async (task) => {
    try {
      return { value: await work(task) };
    } catch (error) {
      if (!(error instanceof VeilmarkError)) throw error;
      const { name, code, message, hint } = error;
      return { failed: { kind: name as keyof typeof classes, code, message, hint } };
    }
  };
}

/** The value of an outcome, or its error thrown again. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if ('value' in outcome) return outcome.value;
  const { kind, ...details } = outcome.failed;
  throw new classes[kind](details);
}
