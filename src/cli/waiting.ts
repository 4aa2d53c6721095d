import { VeilmarkError } from '../base/index.js';

/** Whether a session was left in its journal until the other side has answered. */
export function isWaiting(error: unknown): error is VeilmarkError {
  return error instanceof VeilmarkError && error.code === 'session.waiting';
}
