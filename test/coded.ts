import { expect } from 'chai';

import { VeilmarkError } from '../src/base/index.js';

/** Runs what must fail with a coded error, and gives the error. */
export async function coded(code: string, run: () => unknown): Promise<VeilmarkError> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof VeilmarkError)) throw error;
    expect(error.code, error.message).to.equal(code);
    return error;
  }
  return expect.fail(`nothing failed; ${code} was expected`);
}
